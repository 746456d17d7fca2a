using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Cli;

namespace OpenClaw.DeployTests;

public partial class SystemdUnitTests(ITestOutputHelper output)
{
    const string Unit = "openclaw-exporter.service";
    const string Socket = "openclaw-exporter.socket";
    const double ExposureAtMost = 1.5;

    [Fact]
    public async Task The_unit_may_do_little()
    {
        var report = await RunProgram.OutputAsync(
            InstalledProgram.Find("systemd-analyze"),
            "security",
            "--offline=true",
            "--no-pager",
            Repository.PathOf($"deploy/systemd/{Unit}")
        );
        var exposure = Exposure().Match(report);

        Assert.True(exposure.Success, report);
        output.WriteLine(exposure.Value);
        Assert.InRange(double.Parse(exposure.Groups[1].Value, CultureInfo.InvariantCulture), 0, ExposureAtMost);
    }

    /// <summary>The units of a user whose systemd runs the Gateway.</summary>
    [Fact]
    public async Task Systemd_understands_the_units_of_a_user()
    {
        const string gateway = "openclaw-gateway.service";
        const string limits = $"{gateway}.d/limits.conf";
        using var folder = new TemporaryFolder();
        var unit = folder.Write(
            Unit,
            File.ReadAllText(Repository.PathOf($"deploy/systemd/user/{Unit}"))
                .Replace("/usr/bin/openclaw-exporter", "/bin/true", StringComparison.Ordinal)
        );
        var service = folder.Write(gateway, "[Service]\nExecStart=/bin/true\n");
        folder.Write(limits, File.ReadAllText(Repository.PathOf($"deploy/systemd/user/{limits}")));

        var (exit, said, complaints) = await RunProgram.RunAsync(
            InstalledProgram.Find("env"),
            $"SYSTEMD_UNIT_PATH={folder.PathOf("")}:",
            InstalledProgram.Find("systemd-analyze"),
            "verify",
            "--man=no",
            unit,
            service
        );

        Assert.True(exit == 0, said + complaints);
        Assert.Empty(said + complaints);
    }

    /// <summary>systemd knows every setting, with and without the drop-in.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Systemd_understands_every_line(bool isWholeHost)
    {
        using var folder = new TemporaryFolder();

        // Verification checks that the program and the user exist on this machine.
        var text = File.ReadAllText(Repository.PathOf($"deploy/systemd/{Unit}"))
            .Replace("/usr/bin/openclaw-exporter", "/bin/true", StringComparison.Ordinal)
            .Replace("User=openclaw-exporter\nGroup=openclaw-exporter\n", "", StringComparison.Ordinal);
        var unit = folder.Write(Unit, text);
        var socket = folder.Write(Socket, File.ReadAllText(Repository.PathOf($"deploy/systemd/{Socket}")));
        if (isWholeHost)
        {
            folder.Write(
                $"{Unit}.d/whole-host.conf",
                File.ReadAllText(Repository.PathOf("deploy/systemd/whole-host.conf"))
            );
        }

        var (exit, said, complaints) = await RunProgram.RunAsync(
            InstalledProgram.Find("env"),
            $"SYSTEMD_UNIT_PATH={folder.PathOf("")}:",
            InstalledProgram.Find("systemd-analyze"),
            "verify",
            "--man=no",
            unit,
            socket
        );

        Assert.Equal("", said + complaints);
        Assert.Equal(0, exit);
    }

    [Fact]
    public void It_tells_systemd_when_it_is_ready_and_that_it_lives()
    {
        var lines = File.ReadAllLines(Repository.PathOf($"deploy/systemd/{Unit}"));
        Assert.Contains("Type=notify", lines);
        Assert.Contains("WatchdogSec=30", lines);
    }

    [Fact]
    public void It_does_not_restart_for_ever_with_settings_that_cannot_be_used() =>
        Assert.Contains(
            string.Create(
                CultureInfo.InvariantCulture,
                $"RestartPreventExitStatus={ExitCodes.Usage} {ExitCodes.Malformed}"
            ),
            File.ReadAllLines(Repository.PathOf($"deploy/systemd/{Unit}"))
        );

    [GeneratedRegex(@"Overall exposure level for .*: (\d+\.\d+)")]
    private static partial Regex Exposure();
}
