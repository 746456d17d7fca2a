using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sockets;

namespace OpenClaw.KernelTests;

public class TcpStateTests
{
    const int Port = 8080;

    /// <summary>The states by their names in ss (misc/ss.c of iproute2).</summary>
    static readonly Dictionary<string, TcpState> NamesOfSs = new()
    {
        ["ESTAB"] = TcpState.Established,
        ["SYN-SENT"] = TcpState.SynSent,
        ["SYN-RECV"] = TcpState.SynRecv,
        ["FIN-WAIT-1"] = TcpState.FinWait1,
        ["FIN-WAIT-2"] = TcpState.FinWait2,
        ["TIME-WAIT"] = TcpState.TimeWait,
        ["UNCONN"] = TcpState.Close,
        ["CLOSE-WAIT"] = TcpState.CloseWait,
        ["LAST-ACK"] = TcpState.LastAck,
        ["LISTEN"] = TcpState.Listen,
        ["CLOSING"] = TcpState.Closing,
    };

    [Fact]
    public async Task States_are_counted_as_ss_counts_them()
    {
        _ = InstalledProgram.Find("nft");
        _ = InstalledProgram.Find("ss");

        // On a busy machine, a timer may end a state before all of them are there.
        for (var attempt = 1; !await AreAllThereAsync(); attempt++)
            Assert.InRange(attempt, 1, 5);
    }

    /// <summary>
    /// Compares the counts. Returns true where each state has a socket but CLOSE, in which none is connected or
    /// listening.
    /// </summary>
    static async Task<bool> AreAllThereAsync()
    {
        using var netns = new PrivateNamespace();
        using var sockets = new SocketsInEveryState(netns);
        if (!await sockets.MakeAsync())
            return false;

        var (ss, read, files) = ReadAll(netns);

        foreach (var state in Enum.GetValues<TcpState>())
        {
            Assert.True(
                (ss.GetValueOrDefault(state), ss.GetValueOrDefault(state)) == (read[state], files[state]),
                $"{state}: ss {ss.GetValueOrDefault(state)}, by inet_diag {read[state]}, by files {files[state]}"
            );
        }

        Assert.Equal(read.Orphans, files.Orphans);
        Assert.Equal(read.QueuedBytes, files.QueuedBytes);
        Assert.Equal(read.EstablishedWithoutKeepalive, files.EstablishedWithoutKeepalive);
        return Enum.GetValues<TcpState>().All(state => state == TcpState.Close || read[state] > 0);
    }

    /// <summary>
    /// Reads the exporter, by inet_diag and by files, between two equal outputs of ss, since timers keep changing the
    /// states.
    /// </summary>
    static (ImmutableDictionary<TcpState, long> Ss, TcpSockets Read, TcpSockets Files) ReadAll(PrivateNamespace netns)
    {
        while (true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            var before = Ss(netns);
            var read = netns.Read<TcpSockets>(KernelSampling.Readers()).Value;
            var files = netns.Read<TcpSockets>(KernelSampling.WithoutInetDiag()).Value;
            if (before.SequenceEqual(Ss(netns)))
                return (before, read, files);
        }
    }

    static ImmutableDictionary<TcpState, long> Ss(PrivateNamespace netns) =>
        netns
            .Command("ss", "-tanH")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .GroupBy(static line => NamesOfSs[line.Split(' ')[0]])
            .ToImmutableDictionary(static group => group.Key, static group => group.LongCount());

    /// <summary>Holds connections in each state by dropping exactly the packets that would move them on.</summary>
    sealed class SocketsInEveryState(PrivateNamespace netns) : IDisposable
    {
        readonly List<Socket> _open = [];
        Socket _listener = null!;

        /// <summary>Returns false where a timer ended a state before it was seen.</summary>
        public async Task<bool> MakeAsync()
        {
            netns.Command("nft", "add table inet t; add chain inet t in { type filter hook input priority 0; }");
            _listener = Open();
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            _listener.Listen(100);

            for (var i = 0; i < 3; i++)
                _ = await PairAsync();

            var (timeWait, itsPeer) = await PairAsync();
            timeWait.Close();
            itsPeer.Close();

            var (finWait2, closeWait) = await PairAsync();
            finWait2.Shutdown(SocketShutdown.Send);
            var isSeen = await IsSeenAsync(TcpState.CloseWait);
            _ = closeWait;

            var (orphan, _) = await PairAsync();
            orphan.Close();

            // The passive side's FIN never arrives, so its socket stays in LAST_ACK.
            var (active, lastAck) = await PairAsync();
            active.Shutdown(SocketShutdown.Send);
            await Task.Delay(50);
            Drop("tcp sport 8080 tcp flags & fin == fin");
            lastAck.Shutdown(SocketShutdown.Send);
            lastAck.Close();

            // First neither FIN arrives, so both ends are in FIN_WAIT1. Then both arrive without an acknowledgement: at
            // least one end is in CLOSING.
            Drop("tcp dport 8080 tcp flags & fin == fin");
            var (one, other) = await PairAsync();
            one.Shutdown(SocketShutdown.Send);
            other.Shutdown(SocketShutdown.Send);
            netns.Command("nft", "flush chain inet t in");
            Drop("tcp flags & (fin | syn | ack) == ack");
            isSeen &= await IsSeenAsync(TcpState.Closing);

            netns.Command("nft", "flush chain inet t in");
            Drop("tcp flags & fin == fin");
            var (finWait1, _) = await PairAsync();
            finWait1.Shutdown(SocketShutdown.Send);

            Drop("tcp flags & (syn | ack) == syn | ack");
            var synSent = Open();
            synSent.Blocking = false;
            Assert.Throws<SocketException>(() => synSent.Connect(IPAddress.Loopback, Port));
            return isSeen & await IsSeenAsync(TcpState.SynRecv);
        }

        public void Dispose()
        {
            foreach (var socket in _open)
                socket.Dispose();
        }

        async Task<bool> IsSeenAsync(TcpState state)
        {
            for (var look = 0; look < 100; look++)
            {
                if (Ss(netns).GetValueOrDefault(state) > 0)
                    return true;
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            return false;
        }

        void Drop(string match) => netns.Command("nft", $"add rule inet t in {match} drop");

        async Task<(Socket Client, Socket Server)> PairAsync()
        {
            var client = Open();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            var server = await _listener.AcceptAsync();
            _open.Add(server);
            return (client, server);
        }

        Socket Open()
        {
            var socket = netns.Run(static () =>
                new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            );
            _open.Add(socket);
            return socket;
        }
    }
}
