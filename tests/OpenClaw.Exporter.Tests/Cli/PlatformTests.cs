using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Web;

namespace OpenClaw.Exporter.Tests;

public class PlatformTests
{
    [Theory]
    [InlineData("Windows", "found Windows; run it in WSL2")]
    [InlineData("macOS", "found macOS; run it as a container")]
    [InlineData("FreeBSD", "found another system; run it on Linux")]
    public void Without_a_Linux_kernel_there_is_one_line(string platform, string expected)
    {
        var refusal = Platform.Refusal(asked => asked == platform);

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Here_it_runs() => Assert.Null(Platform.Refusal(OperatingSystem.IsOSPlatform));

    [Theory]
    [InlineData(null, "30000000", 15.0)]
    [InlineData("self", "1000", 0.0005)]
    [InlineData("1", "30000000", null)]
    [InlineData(null, null, null)]
    [InlineData(null, "0", null)]
    [InlineData(null, "soon", null)]
    [InlineData(null, "-5", null)]
    public void Systemd_is_told_twice_as_often_as_it_asks(string? process, string? microseconds, double? seconds) =>
        Assert.Equal(
            seconds,
            SystemdNotifications
                .WatchdogInterval(process == "self" ? $"{Environment.ProcessId}" : process, microseconds)
                ?.TotalSeconds
        );
}
