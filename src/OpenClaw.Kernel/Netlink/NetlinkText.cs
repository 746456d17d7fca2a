using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Netlink;

/// <summary>Decodes text in an attribute.</summary>
static class NetlinkText
{
    /// <summary>Decodes the text up to its terminating zero, which older kernels omit in some attributes.</summary>
    public static string Decode(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOf((byte)0);
        var text = end < 0 ? value : value[..end];
        return text switch
        {
            // These names are common to hundreds of interfaces, so they are not allocated for each.
            _ when text.SequenceEqual("veth"u8) => "veth",
            _ when text.SequenceEqual("bridge"u8) => "bridge",
            _ => KernelText.Decode(text),
        };
    }
}
