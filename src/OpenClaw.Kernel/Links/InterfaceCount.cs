using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Links;

/// <summary>The number of network interfaces of a namespace, from a file that needs no entering.</summary>
static class InterfaceCount
{
    /// <summary>The interfaces from which a bridge may be more than half full.</summary>
    const int Many = NetworkInterfaces.BridgePortLimit / 2;

    const int HeaderLines = 2;

    /// <summary>
    /// Returns true where a bridge may be more than half full, and where the file cannot be read.
    /// </summary>
    public static bool MayFillBridge(ProcMount proc) =>
        !proc.Read(InterfaceDrops.File, Parse).TryGet(out var count) || count > Many;

    /// <summary>Counts the interfaces in /proc/net/dev: one a line, after two lines of headings.</summary>
    internal static Reading<int> Parse(ReadOnlySpan<byte> text) => Math.Max(0, text.Count((byte)'\n') - HeaderLines);
}
