using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public sealed class ServiceFileTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("openclaw-config-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("network:\n  max_connections: 500\nmax-open-files: 65536\n", 500L, 65536L)]
    [InlineData("# comment\nnetwork: {max_connections: '500', port: 8080}\n", 500L, null)]
    [InlineData("network: &n\n  max_connections: 7\nother: *n\n", 7L, null)]
    [InlineData("network:\n  max_connections: -1\nmax-open-files: 0\n", null, null)]
    [InlineData("network:\n", null, null)]
    [InlineData("", null, null)]
    [InlineData("---\n", null, null)]
    public void Limits_are_read(string text, long? connections, long? files) =>
        Assert.Equal(
            new ServiceLimits("gateway", connections, files),
            ServiceFile.Parse("/x/gateway.yml", text).Value with
            {
                MaxConnectionsText = null,
            }
        );

    /// <summary>
    /// A setting is returned only if it can be replaced by another number without a change to the rest of the file.
    /// </summary>
    [Theory]
    [InlineData("network:\n  max_connections: 500\n", 2, "max_connections: 500")]
    [InlineData(
        "# max_connections: 500\r\nnetwork:\r\n  max_connections:   500 # 500\r\n",
        3,
        "max_connections:   500"
    )]
    [InlineData("network: {port: 8080, max_connections: 500}\n", 1, "max_connections: 500")]
    [InlineData("\u00e4: \u2028\nnetwork:\n  max_connections: 500", null, null)]
    [InlineData("network: {'max_connections: 500': 1, max_connections: 500}\n", null, null)]
    [InlineData("network:\n  max_connections: '500'\n", null, null)]
    [InlineData("network:\n  \"max_connections\": 500\n", null, null)]
    [InlineData("network:\n  max_connections: 0500\n", null, null)]
    [InlineData("network:\n  max_connections: !!int 500\n", null, null)]
    [InlineData("network:\n  max_connections: &most 500\n", null, null)]
    [InlineData("network: &n\n  max_connections: 500\nother: *n\n", null, null)]
    [InlineData("most: &most 500\nnetwork:\n  max_connections: *most\n", null, null)]
    [InlineData("network:\n  max_connections:\n    500\n", null, null)]
    [InlineData("network:\n  max_connections: -1\n", null, null)]
    [InlineData("network:\n  port: 8080\n", null, null)]
    public void A_plain_number_is_known_with_its_line(string text, int? line, string? setting) =>
        Assert.Equal(
            line is { } number ? new SettingText("/x/gateway.yml", number, setting!) : null,
            ServiceFile.Parse("/x/gateway.yml", text).Value.MaxConnectionsText
        );

    /// <summary>sed -i would replace a symbolic link by a file.</summary>
    [Fact]
    public void The_file_behind_a_link_is_the_one_to_change()
    {
        var file = Path.Combine(_folder.FullName, "file.yml");
        var link = Path.Combine(_folder.FullName, "gateway.yml");
        File.WriteAllText(file, "network: {max_connections: 9}");
        File.CreateSymbolicLink(link, file);

        Assert.Equal(file, ServiceFile.At(link).Read().Value.MaxConnectionsText?.File);
        Assert.Equal("gateway", ServiceFile.At(link).Read().Value.Service);
    }

    [Fact]
    public void A_name_stands_before_that_of_the_file() =>
        Assert.Equal("agent", ServiceFile.Parse("/x/gateway.yml", "name: agent\n").Value.Service);

    [Theory]
    [InlineData("a: 1\nnetwork:\n  max_connections: many\n", 3)]
    [InlineData("network:\n  max_connections: 1.5\n", 2)]
    [InlineData("network:\n  max_connections: [1]\n", 2)]
    [InlineData("network: 5\n", 1)]
    [InlineData("- a\n", 1)]
    [InlineData("a: 1\nb: [1\nc: 2\n", 3)]
    [InlineData("a: 1\n\tb: 2\n", 2)]
    [InlineData("a: *nowhere\n", 1)]
    [InlineData("a: 1\na: 2\n", 2)]
    [InlineData("a: \"\\z\"\n", 1)]
    public void Errors_name_the_line(string text, int line)
    {
        var missing = ServiceFile.Parse("/x/gateway.yml", text).Missing;

        Assert.Equal(Absence.Malformed, missing?.Reason);
        Assert.StartsWith($"line {line}:", missing!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_brackets_are_an_error_and_no_crash() =>
        Assert.Equal(
            Absence.Malformed,
            ServiceFile.Parse("/x/gateway.yml", new string('[', 1_000_000)).Missing?.Reason
        );

    [Fact]
    public async Task One_bad_file_costs_only_itself()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "services"));
        File.WriteAllText(Path.Combine(_folder.FullName, "daemon.yml"), "network: {max_connections: 9}");
        File.WriteAllText(Path.Combine(_folder.FullName, "services/bad.yml"), "a: [\n");
        File.WriteAllText(Path.Combine(_folder.FullName, "services/good.yml"), "network: {max_connections: 8}");
        var reader = new ServiceConfigurationReader([
            Path.Combine(_folder.FullName, "daemon.yml"),
            Path.Combine(_folder.FullName, "services/*.yml"),
        ]);

        var snapshot = await new Sampler([reader], TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(
            [("daemon", 9), ("good", 8)],
            snapshot
                .Get<ServiceConfiguration>()
                .Value.Services.Select(static service => (service.Service, service.MaxConnections!.Value))
        );
        Assert.Contains(
            "services/bad.yml: line 2:",
            Assert.Single(snapshot.Runs).Failure!.Detail,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("closed/daemon.yml")]
    [InlineData("closed/services/*.yml")]
    public void A_folder_that_is_closed_costs_only_itself_and_says_why(string pattern)
    {
        var closed = Directory.CreateDirectory(Path.Combine(_folder.FullName, "closed"));
        Directory.CreateDirectory(Path.Combine(closed.FullName, "services"));
        File.WriteAllText(Path.Combine(_folder.FullName, "open.yml"), "network: {max_connections: 8}");
        closed.UnixFileMode = UnixFileMode.None;
        Reader reader = new ServiceConfigurationReader([
            Path.Combine(_folder.FullName, pattern),
            Path.Combine(_folder.FullName, "open.yml"),
        ]);

        var run = Capabilities.Only([], () => reader.RunHere());

        closed.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var snapshot = new Snapshot(DateTimeOffset.UtcNow, [run]);
        Assert.Equal("open", Assert.Single(snapshot.Get<ServiceConfiguration>().Value.Services).Service);
        Assert.Equal(Absence.NotPermitted, run.Failure?.Reason);
        Assert.Contains(closed.FullName, run.Failure!.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_files_there_is_no_pool()
    {
        var snapshot = await new Sampler(
            [new ServiceConfigurationReader([Path.Combine(_folder.FullName, "none/*.yml")])],
            TimeProvider.System
        ).SampleAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(Absence.NotPresent, snapshot.Get<ServiceConfiguration>().Missing?.Reason);
    }
}
