using System.Runtime.InteropServices;

namespace OpenClaw.Kernel.Interop;

/// <summary>net/if.h</summary>
static partial class NetIf
{
    public const int IF_NAMESIZE = 16;

    // char *if_indextoname(unsigned int ifindex, char *ifname);
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint if_indextoname(uint ifindex, Span<byte> ifname);

    public const int IFF_UP = 1;
    public const int SIOCSIFFLAGS = 0x8914;

    /// <summary>The part of struct ifreq that sets flags.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    public struct ifreq
    {
        [System.Runtime.CompilerServices.InlineArray(IF_NAMESIZE)]
        public struct name
        {
            byte first;
        }

        public name ifr_name;
        public short ifr_flags;
    }

    // int ioctl(int fildes, unsigned long request, ...);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(
        Microsoft.Win32.SafeHandles.SafeFileHandle fildes,
        nuint request,
        in ifreq argument
    );
}
