using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OpenClaw.DeployTests;

/// <summary>The package of deploy/debian/build-deb, built once for all tests.</summary>
public sealed class DebianPackage : IAsyncLifetime
{
    readonly TemporaryFolder _folder = new();

    /// <summary>The path of the package.</summary>
    public string File { get; private set; } = "";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() =>
        File = (await RunProgram.OutputAsync(Repository.PathOf("deploy/debian/build-deb"), _folder.PathOf(""))).Trim();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Tests the package of deploy/debian/build-deb, installed below a temporary folder.</summary>
public sealed class DebianPackageTests(DebianPackage package) : IClassFixture<DebianPackage>, IDisposable
{
    const string Name = "openclaw-exporter";

    static readonly string[] Installed =
    [
        "etc/default/openclaw-exporter",
        "usr/bin/openclaw-exporter",
        "usr/lib/systemd/system/openclaw-exporter.service",
        "usr/lib/systemd/system/openclaw-exporter.socket",
        "usr/lib/sysusers.d/openclaw-exporter.conf",
        "usr/share/bash-completion/completions/openclaw-exporter",
        "usr/share/doc/openclaw-exporter/README.md",
        "usr/share/doc/openclaw-exporter/alerts/README.md",
        "usr/share/doc/openclaw-exporter/copyright",
        "usr/share/doc/openclaw-exporter/deploy/README.md",
        "usr/share/doc/openclaw-exporter/examples/openclaw-network.rules.yml",
        "usr/share/doc/openclaw-exporter/examples/whole-host.conf",
        "usr/share/doc/openclaw-exporter/src/OpenClaw.Exporter/Cli/README.md",
        "usr/share/doc/openclaw-exporter/src/OpenClaw.Exporter/Metrics/README.md",
        "usr/share/doc/openclaw-exporter/src/OpenClaw.Exporter/Web/README.md",
        "usr/share/fish/vendor_completions.d/openclaw-exporter.fish",
        "usr/share/man/man1/openclaw-exporter.1.gz",
        "usr/share/zsh/vendor-completions/_openclaw-exporter",
    ];

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_installs_enables_its_unit_and_leaves_nothing_behind()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, as dpkg gives the files to it");
        var dpkg = InstalledProgram.Find("dpkg");
        Assert.Equal(
            ProductVersion.Value,
            (await RunProgram.OutputAsync("dpkg-deb", "--field", package.File, "Version")).Trim()
        );

        // The system has nothing else, so that the package's dependencies are checked.
        var root = _folder.PathOf("root");
        _folder.Write(
            "root/var/lib/dpkg/status",
            await RunProgram.OutputAsync("dpkg-query", "--status", "libc6", await OpenSslAsync()) + "\n"
        );
        Directory.CreateDirectory(Path.Combine(root, "var/lib/dpkg/info"));
        Directory.CreateDirectory(Path.Combine(root, "var/lib/dpkg/updates"));
        string[] there = ["--root=" + root, "--force-script-chrootless"];

        await RunProgram.OutputAsync(dpkg, [.. there, "--install", package.File]);
        Assert.Equal(Installed, Files(root).Where(static file => Installed.Contains(file)));
        Assert.Contains(
            $"{Name}:x:",
            await File.ReadAllTextAsync(Path.Combine(root, "etc/passwd"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            $"/lib/systemd/system/{Name}.service",
            new FileInfo(Path.Combine(root, $"etc/systemd/system/multi-user.target.wants/{Name}.service")).LinkTarget,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(Path.Combine(root, "etc/systemd/system/sockets.target.wants")));
        Assert.StartsWith(
            ProductVersion.Value,
            await RunProgram.OutputAsync(Path.Combine(root, "usr/bin", Name), "--version"),
            StringComparison.Ordinal
        );
        Assert.Equal("", await RunProgram.OutputAsync(dpkg, [.. there, "--verify", Name]));
        Assert.All(Installed, file =>
            Assert.False(
                File.GetUnixFileMode(Path.Combine(root, file)).HasFlag(UnixFileMode.GroupWrite)
                    || File.GetUnixFileMode(Path.Combine(root, file)).HasFlag(UnixFileMode.OtherWrite),
                file
            )
        );

        // A reinstallation keeps the administrator's file.
        _folder.Write("root/etc/default/openclaw-exporter", "# mine\n");
        await RunProgram.OutputAsync(dpkg, [.. there, "--install", package.File]);
        Assert.Equal(
            "# mine\n",
            await File.ReadAllTextAsync(Path.Combine(root, Installed[0]), TestContext.Current.CancellationToken)
        );

        await RunProgram.OutputAsync(dpkg, [.. there, "--remove", Name]);
        Assert.Equal(["etc/default/openclaw-exporter"], Files(root).Where(static file => Installed.Contains(file)));

        await RunProgram.OutputAsync(dpkg, [.. there, "--purge", Name]);
        Assert.DoesNotContain(Files(root), static file => file.Contains(Name, StringComparison.Ordinal));
    }

    /// <summary>The server in a system with only the package's dependencies, and in a system with fewer.</summary>
    /// <param name="hasOpenSsl">True where OpenSSL is installed.</param>
    /// <param name="isLocked">True where TLS and users are configured.</param>
    /// <param name="serves">True where the server starts.</param>
    [Theory]
    [InlineData(true, true, true)]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    public async Task The_package_depends_on_all_that_the_server_needs(bool hasOpenSsl, bool isLocked, bool serves)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, for a root folder of its own");
        var depends = (await RunProgram.OutputAsync("dpkg-deb", "--field", package.File, "Depends")).Split(
            ',',
            StringSplitOptions.TrimEntries
        );
        Assert.Equal(2, depends.Length);
        Assert.StartsWith("libc6 ", depends[0], StringComparison.Ordinal);
        var openSsl = await OpenSslAsync();
        Assert.Contains(openSsl, depends[1].Split('|', StringSplitOptions.TrimEntries));

        var root = _folder.PathOf("root");
        foreach (var folder in (string[])["proc", "dev", "tmp"])
            Directory.CreateDirectory(Path.Combine(root, folder));
        await RunProgram.OutputAsync("dpkg-deb", "--extract", package.File, root);
        string[] libraries = hasOpenSsl ? ["libc6", openSsl] : ["libc6"];
        await RunProgram.OutputAsync(
            "bash",
            [
                "-euc",
                """
                root=$1; shift
                cd / # or cp does not find the folders of what it copies
                dpkg --listfiles "$@" | while read -r file; do [[ ! -f $file ]] || cp --archive --parents "$file" "$root"; done
                """,
                "bash",
                root,
                .. libraries,
            ]
        );
        string[] flags = isLocked ? ["--web.config.file=/web.yml"] : [];
        if (isLocked)
            WriteLock();

        var (exit, said, complaints) = await RunProgram.RunAsync(
            "timeout",
            [
                "30",
                "unshare",
                "--mount",
                "--net",
                "bash",
                "-uc",
                """
                root=$1; shift
                PATH=$PATH:/usr/sbin:/sbin
                ip link set lo up
                mount --bind /proc "$root/proc"
                mount --bind /dev "$root/dev"
                chroot "$root" /usr/bin/openclaw-exporter "$@" &
                server=$!
                trap 'kill "$server" 2>/dev/null' EXIT
                until chroot "$root" /usr/bin/openclaw-exporter healthcheck; do
                    kill -0 "$server" || exit 1
                    sleep 0.1
                done
                """,
                "bash",
                root,
                .. flags,
            ]
        );

        Assert.True((exit == 0) == serves, $"exit {exit}\n{said}{complaints}");
        if (!serves)
            Assert.Contains("libssl", complaints, StringComparison.Ordinal);
    }

    void WriteLock()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
        _folder.Write("root/server.crt", certificate.ExportCertificatePem());
        _folder.Write("root/server.key", key.ExportPkcs8PrivateKeyPem());
        _folder.Write(
            "root/web.yml",
            """
            tls_server_config: {cert_file: server.crt, key_file: server.key}
            basic_auth_users:
              alice: $2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG

            """
        );
    }

    /// <summary>The package of OpenSSL on this machine. Its name changed with the size of time_t.</summary>
    static async Task<string> OpenSslAsync() =>
        (
            await RunProgram.RunAsync("dpkg-query", "--show", "--showformat=${Package}\n", "libssl3", "libssl3t64")
        ).Output.Trim();

    /// <summary>Files and links below a folder, without dpkg's own.</summary>
    static string[] Files(string root) =>
        [
            .. Directory
                .EnumerateFiles(root, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(root, file))
                .Where(static file => !file.StartsWith("var/lib/dpkg/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
}
