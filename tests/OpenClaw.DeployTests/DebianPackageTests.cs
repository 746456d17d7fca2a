namespace OpenClaw.DeployTests;

/// <summary>The package that deploy/debian/build-deb makes, installed below a folder of the test's own.</summary>
public sealed class DebianPackageTests : IDisposable
{
    const string Name = "openclaw-exporter";

    static readonly string[] Installed =
    [
        "etc/default/openclaw-exporter",
        "usr/bin/openclaw-exporter",
        "usr/lib/systemd/system/openclaw-exporter.service",
        "usr/lib/sysusers.d/openclaw-exporter.conf",
        "usr/share/doc/openclaw-exporter/README.md",
        "usr/share/doc/openclaw-exporter/copyright",
        "usr/share/doc/openclaw-exporter/examples/openclaw-network.rules.yml",
        "usr/share/doc/openclaw-exporter/examples/whole-host.conf",
    ];

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_installs_enables_its_unit_and_leaves_nothing_behind()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, as dpkg gives the files to it");
        var dpkg = InstalledProgram.Find("dpkg");
        var package = (await RunProgram.OutputAsync(Repository.PathOf("deploy/debian/build-deb"), _folder.PathOf(""))).Trim();
        Assert.Equal(ProductVersion.Value, (await RunProgram.OutputAsync("dpkg-deb", "--field", package, "Version")).Trim());

        // A system with nothing but the C library, so that what the package depends on is checked.
        var root = _folder.PathOf("root");
        _folder.Write("root/var/lib/dpkg/status", await RunProgram.OutputAsync("dpkg-query", "--status", "libc6") + "\n");
        Directory.CreateDirectory(Path.Combine(root, "var/lib/dpkg/info"));
        Directory.CreateDirectory(Path.Combine(root, "var/lib/dpkg/updates"));
        string[] there = ["--root=" + root, "--force-script-chrootless"];

        await RunProgram.OutputAsync(dpkg, [.. there, "--install", package]);
        Assert.Equal(Installed, Files(root).Where(static file => Installed.Contains(file)));
        Assert.Contains($"{Name}:x:", await File.ReadAllTextAsync(Path.Combine(root, "etc/passwd"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.EndsWith(
            $"/lib/systemd/system/{Name}.service",
            new FileInfo(Path.Combine(root, $"etc/systemd/system/multi-user.target.wants/{Name}.service")).LinkTarget,
            StringComparison.Ordinal);
        Assert.StartsWith(ProductVersion.Value, await RunProgram.OutputAsync(Path.Combine(root, "usr/bin", Name), "--version"), StringComparison.Ordinal);
        Assert.Equal("", await RunProgram.OutputAsync(dpkg, [.. there, "--verify", Name]));
        Assert.All(Installed, file => Assert.False(
            File.GetUnixFileMode(Path.Combine(root, file)).HasFlag(UnixFileMode.GroupWrite) || File.GetUnixFileMode(Path.Combine(root, file)).HasFlag(UnixFileMode.OtherWrite), file));

        // An update over itself keeps what an administrator wrote.
        _folder.Write("root/etc/default/openclaw-exporter", "# mine\n");
        await RunProgram.OutputAsync(dpkg, [.. there, "--install", package]);
        Assert.Equal("# mine\n", await File.ReadAllTextAsync(Path.Combine(root, Installed[0]), TestContext.Current.CancellationToken));

        await RunProgram.OutputAsync(dpkg, [.. there, "--remove", Name]);
        Assert.Equal(["etc/default/openclaw-exporter"], Files(root).Where(static file => Installed.Contains(file)));

        await RunProgram.OutputAsync(dpkg, [.. there, "--purge", Name]);
        Assert.DoesNotContain(Files(root), static file => file.Contains(Name, StringComparison.Ordinal));
    }

    /// <summary>Files and links below a folder, but dpkg's own.</summary>
    static string[] Files(string root) =>
    [
        .. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file))
            .Where(static file => !file.StartsWith("var/lib/dpkg/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];
}
