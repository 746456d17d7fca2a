using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Netlink;

namespace OpenClaw.Kernel.Neighbours;

/// <summary>
/// Counts the entries of a RTM_GETNEIGH dump. The limit of the table does not apply to some (exempt_from_gc in
/// net/core/neighbour.c). The others are counted by interface.
/// </summary>
sealed class NeighbourFold : INetlinkFold
{
    readonly Dictionary<int, long> _limited = [];

    /// <summary>The number of entries that the limit does not apply to.</summary>
    public long Exempt { get; private set; }

    /// <summary>The numbers of the other entries, by the indexes of their interfaces.</summary>
    public IReadOnlyDictionary<int, long> Limited => _limited;

    public bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead<LinuxNeighbour.ndmsg>(payload, out var entry))
            return false;
        if (
            (entry.ndm_state & LinuxNeighbour.NUD_PERMANENT) != 0
            || (entry.ndm_flags & LinuxNeighbour.NTF_EXT_LEARNED) != 0
        )
        {
            Exempt++;
        }
        else
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_limited, entry.ndm_ifindex, out _)++;
        }

        return true;
    }
}
