using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenClaw.Kernel.Interop;

/// <summary>asm-generic/termbits.h and asm-generic/ioctls.h, which are the same on x86 and ARM.</summary>
static partial class Termios
{
    public const nuint TCGETS = 0x5401;
    public const nuint TCSETSW = 0x5403;
    public const nuint TIOCGWINSZ = 0x5413;
    public const uint ICANON = 2;
    public const uint ECHO = 8;
    public const uint IXON = 0x400;
    public const int VTIME = 5;
    public const int VMIN = 6;

    /// <summary>The c_cc of struct termios.</summary>
    [InlineArray(19)]
    public struct control_characters
    {
        byte _first;
    }

    /// <summary>struct termios of the kernel, which is shorter than that of the C library.</summary>
    public struct termios
    {
        public uint c_iflag;
        public uint c_oflag;
        public uint c_cflag;
        public uint c_lflag;
        public byte c_line;
        public control_characters c_cc;
    }

    /// <summary>struct winsize</summary>
    public struct winsize
    {
        public ushort ws_row;
        public ushort ws_col;
        public ushort ws_xpixel;
        public ushort ws_ypixel;
    }

    // int ioctl(int fildes, int request, ...);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeFileHandle fildes, nuint request, ref termios argument);

    // int ioctl(int fildes, int request, ...);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeFileHandle fildes, nuint request, ref winsize argument);
}
