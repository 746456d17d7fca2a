using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The log of one Gateway is followed, of several that run.</summary>
public sealed class FoundLogTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly FoundLogReader _reader = new(TimeProvider.System);
    FoundGateways _found = new([], []);

    public void Dispose()
    {
        _reader.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_Gateway_in_the_own_network_namespace_has_precedence_and_is_followed_to_its_end()
    {
        Run(Gateway("elsewhere", isHere: false));
        Run(Gateway("elsewhere", isHere: false), Gateway("here", isHere: true));
        Write("here");
        Write("elsewhere");

        Assert.Equal(1, Run(Gateway("elsewhere", isHere: false), Gateway("here", isHere: true)));
        Write("here");
        Assert.Equal(2, Run(Gateway("elsewhere", isHere: false)));
    }

    FoundGateway Gateway(string name, bool isHere) =>
        new(300, "openclaw-gateway")
        {
            FoundBy = "",
            IsHere = isHere,
            Log = Write(name, ""),
        };

    string Write(string name, string line = "spawn EBADF\n")
    {
        var path = _folder.PathOf(name + ".log");
        File.AppendAllText(path, line);
        return path;
    }

    long Run(params FoundGateway[] running)
    {
        _found = new([.. running], []);
        var found = new FunctionReader<FoundGateways>("found", "", _ => _found);
        var pass = SamplingPass.Run([found, _reader], Deadline.After(TimeSpan.FromSeconds(10)));
        return pass.Get<ClwErrors>().Value.Counts[ClwCodes.ResourceLimit];
    }
}
