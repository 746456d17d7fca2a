using System.Net.Sockets;
using OpenClaw.Exporter.Cli;

namespace OpenClaw.Exporter.Tests;

/// <summary>The trust in the process at the listen address, whose commands top shows.</summary>
public sealed class SocketPeerTests : IDisposable
{
    const uint Stranger = 64_321;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_kernel_names_the_process_that_listens()
    {
        var address = new UnixDomainSocketEndPoint(_folder.PathOf("socket"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(address, TestContext.Current.CancellationToken);

        var peer = SocketPeer.Read(client);

        Assert.Equal(Environment.ProcessId, peer.Pid);
        Assert.True(peer.IsTrusted);
    }

    [Fact]
    public void Root_and_this_user_are_trusted_and_a_stranger_is_not()
    {
        var own = uint.Parse(
            File.ReadLines("/proc/self/status")
                .Single(static line => line.StartsWith("Uid:", StringComparison.Ordinal))
                .Split('\t')[1],
            System.Globalization.CultureInfo.InvariantCulture
        );

        Assert.True(new SocketPeer(1, 0).IsTrusted);
        Assert.True(new SocketPeer(0, own).IsTrusted);
        Assert.False(new SocketPeer(0, Stranger).IsTrusted);
    }

    /// <summary>A user may preload code into this program, or mount another one over its path.</summary>
    [Fact]
    public void The_same_program_of_a_stranger_is_not_trusted() =>
        Assert.False(new SocketPeer(Environment.ProcessId, Stranger).IsTrusted);
}
