using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>sys/ioctl.h, with the requests of linux/sockios.h about bridges.</summary>
static partial class SysIoctl
{
    /// <summary>Adds an interface to a bridge.</summary>
    public const nuint SIOCBRADDIF = 0x89a2;

    /// <summary>Removes an interface from a bridge.</summary>
    public const nuint SIOCBRDELIF = 0x89a3;

    /// <summary>struct ifreq: the name of the bridge, and the index of a port. 40 bytes on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    public struct ifreq
    {
        public ulong ifr_name;
        public ulong ifr_name_end;
        public int ifr_ifindex;
    }

    // int ioctl(int fd, unsigned long request, ...);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeFileHandle fd, nuint request, in ifreq argument);
}
