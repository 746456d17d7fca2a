using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.Neighbours;

/// <summary>
/// Counts the entries of a RTM_GETNEIGH dump that the limit of the table does not apply to (exempt_from_gc in
/// net/core/neighbour.c).
/// </summary>
sealed class ExemptNeighbourFold : INetlinkFold
{
    /// <summary>The number of these entries.</summary>
    public long Count { get; private set; }

    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead<LinuxNeighbour.ndmsg>(payload, out var entry))
            return false;
        if (
            (entry.ndm_state & LinuxNeighbour.NUD_PERMANENT) != 0
            || (entry.ndm_flags & LinuxNeighbour.NTF_EXT_LEARNED) != 0
        )
        {
            Count++;
        }

        return true;
    }
}
