using System.Net;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Refusals;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public class RefusedConnectSymptomTests
{
    /// <summary>The kernel has ids of the machine. In a container such an id is another process or none.</summary>
    [Theory]
    [InlineData(true, "node (pid 7) to 192.0.2.1:443")]
    [InlineData(false, "node (pid 7 on the host) to 192.0.2.1:443")]
    public async Task An_id_of_the_machine_is_said_to_be_one(bool isLocal, string words)
    {
        var refused = new RefusedConnects(
            [
                new()
                {
                    Process = "node",
                    Pid = 7,
                    IsPidLocal = isLocal,
                    Destination = new(IPAddress.Parse("192.0.2.1"), 443),
                    CgroupId = 1,
                    Count = 1,
                    Last = DateTimeOffset.UnixEpoch,
                },
            ],
            0
        );
        var reader = new FunctionReader<RefusedConnects>("refused_connects", "", _ => refused);
        var view = (await new Sampler([reader], TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10))).Own;

        Assert.StartsWith(words, RefusedConnectSymptom.Total.Read(view).Value[0].Words, StringComparison.Ordinal);
    }
}
