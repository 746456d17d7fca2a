using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.InetDiag;

/// <summary>
/// Takes the sockets of a dump one after another, and can begin again when the dump has to be asked for differently.
/// </summary>
interface ISocketFold : INetlinkFold
{
    /// <summary>Forgets what it has taken.</summary>
    void Restart();
}
