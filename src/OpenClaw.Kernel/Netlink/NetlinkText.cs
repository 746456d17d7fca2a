using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Netlink;

/// <summary>Text in an attribute.</summary>
static class NetlinkText
{
    /// <summary>The text up to its terminating zero, which older kernels leave out for some attributes.</summary>
    public static string Decode(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOf((byte)0);
        var text = end < 0 ? value : value[..end];
        return text switch
        {
            // What hundreds of interfaces say alike is not allocated for each.
            _ when text.SequenceEqual("veth"u8) => "veth",
            _ when text.SequenceEqual("bridge"u8) => "bridge",
            _ => KernelText.Decode(text),
        };
    }
}
