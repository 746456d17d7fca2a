using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.InetDiag;

/// <summary>
/// Takes the sockets of a dump one after another. It can start again when the dump has to be requested in another way.
/// </summary>
interface ISocketFold : INetlinkFold
{
    /// <summary>Forgets all sockets taken so far.</summary>
    void Restart();
}
