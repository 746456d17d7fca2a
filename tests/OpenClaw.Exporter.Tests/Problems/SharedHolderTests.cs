using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.Exporter.Tests;

/// <summary>Programs that hold the same sockets, as after SCM_RIGHTS or the activation of a socket.</summary>
public class SharedHolderTests
{
    const int Limit = 200;

    [Theory]
    [InlineData(199, 199, "keeper (pid 7) and worker (pid 10) share 199 of 200 ports")]
    [InlineData(199, 20, "keeper (pid 7) holds 199 of 200 ports")]
    [InlineData(99, 99, "keeper (pid 7) holds 99 of 200 ports")]
    public async Task Programs_with_the_same_ports_are_named_together(long first, long second, string sentence)
    {
        var ports = new BindPorts(SocketAddress.AnyIPv4, 199, true);
        var about = new BindSubject(PortProtocol.Tcp, ports);

        Assert.Equal(
            sentence,
            await SentenceAsync(
                PoolCatalogue.EphemeralBindPorts,
                new(199, Limit, about),
                SocketGroups.Binding(ports, isTcp: true),
                Held("keeper", 7, first),
                Held("worker", 10, second)
            )
        );
    }

    [Theory]
    [InlineData('S', "keeper (pid 7) and worker (pid 10) do not accept them in time")]
    [InlineData('T', "worker (pid 10) is stopped")]
    [InlineData('D', "worker (pid 10) is blocked in the kernel")]
    public async Task A_sharer_of_a_listener_that_cannot_accept_is_the_cause(char state, string sentence)
    {
        var listener = new Listener(SocketAddress.AnyIPv4, 8100, 0, 5, 4);

        Assert.Equal(
            sentence,
            await SentenceAsync(
                PoolCatalogue.AcceptQueueConnections,
                new(5, 5, new ListenerSubject(listener, "")),
                SocketGroups.Listening(listener),
                Held("keeper", 7, 5),
                Held("worker", 10, 5, state)
            )
        );
    }

    static async Task<string> SentenceAsync(Pool pool, PoolLevel level, SocketGroup group, params SocketHolder[] held)
    {
        var reader = new FunctionReader<NamespaceHolders>("", "", _ => new NamespaceHolders([
            new(group, 5, [.. held]),
        ]));
        var snapshot = await new Sampler([reader], TimeProvider.System).SampleAsync(TimeSpan.FromSeconds(10));
        return HolderWords.Sentence(new(pool, level, PoolCondition.Critical, snapshot.Own));
    }

    static SocketHolder Held(string name, int pid, long count, char state = 'S') =>
        new(new(pid, name, ProcessOwner.None) { State = state }, count, count, 1);
}
