using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>netinet/in.h</summary>
static class NetinetIn
{
    public const uint INADDR_LOOPBACK = 0x7f000001;

    /// <summary>struct sockaddr_in: port and address in network order.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    public struct sockaddr_in
    {
        public ushort sin_family;
        public ushort sin_port;
        public uint sin_addr;
    }
}
