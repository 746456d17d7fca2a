using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel;
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

    /// <summary>The console of a unit goes to the journal, which is not read.</summary>
    [Fact]
    public void A_Gateway_without_a_log_file_is_told_what_to_set()
    {
        var log = _folder.PathOf("openclaw-2*.log");
        var gateway = new FoundGateway(300, "openclaw-gateway") { FoundBy = "title", Log = log };

        var words = Assert.Single(GatewayWords.Describe(SnapshotOf(gateway)));

        Assert.Contains($"no log at {log}: its errors are not counted", words, StringComparison.Ordinal);
        Assert.Contains("set logging.file", words, StringComparison.Ordinal);
        Assert.DoesNotContain($", log {log}", words, StringComparison.Ordinal);

        _folder.Write("openclaw-2026-11-29.log", "");
        Assert.Contains(
            $", log {log}",
            Assert.Single(GatewayWords.Describe(SnapshotOf(gateway))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_log_in_a_container_that_may_not_be_entered_is_unseen()
    {
        var hidden = new Missing(Absence.NotPermitted, "/proc/300/root: Permission denied");
        var gateway = new FoundGateway(300, "openclaw-gateway") { FoundBy = "title", Unreached = hidden };

        var snapshot = SnapshotOf(gateway);

        Assert.Equal(hidden, snapshot.Get<ClwErrors>().Missing);
        Assert.Contains(
            "its log is not read: /proc/300/root: Permission denied",
            Assert.Single(GatewayWords.Describe(snapshot)),
            StringComparison.Ordinal
        );
    }

    Snapshot SnapshotOf(FoundGateway gateway)
    {
        var found = new FunctionReader<FoundGateways>("found", "", _ => new FoundGateways([gateway], []));
        return new Sampler([found, _reader], TimeProvider.System)
            .SampleAsync(TimeSpan.FromSeconds(10))
            .GetAwaiter()
            .GetResult();
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
