using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel;

/// <summary>
/// The terminal that started this process (tty(4)): its size, and the keys pressed there. Source: ioctl_tty(2).
/// </summary>
public sealed class ControllingTerminal : IDisposable
{
    const string Path = "/dev/tty";

    /// <summary>The time in which a terminal sends the rest of an escape sequence, in milliseconds.</summary>
    const int RestOfSequence = 50;

    readonly SafeFileHandle _device;
    readonly Termios.termios _before;

    ControllingTerminal(SafeFileHandle device, Termios.termios before) => (_device, _before) = (device, before);

    /// <summary>The columns and rows; zeros where the terminal does not know them.</summary>
    public (int Columns, int Rows) Size
    {
        get
        {
            var size = new Termios.winsize();
            return Termios.ioctl(_device, Termios.TIOCGWINSZ, ref size) == 0 ? (size.ws_col, size.ws_row) : default;
        }
    }

    /// <summary>Opens the terminal; null where the process has none.</summary>
    public static ControllingTerminal? Open()
    {
        var device = Fcntl.open(Path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        var settings = new Termios.termios();
        if (!device.IsInvalid && Termios.ioctl(device, Termios.TCGETS, ref settings) == 0)
            return new(device, settings);
        device.Dispose();
        return null;
    }

    /// <summary>
    /// Makes each key readable at once, without an echo. Ctrl+C and Ctrl+Z still send their signals. Returns false
    /// where the terminal is gone.
    /// </summary>
    public bool TakeKeys()
    {
        var settings = _before;
        settings.c_lflag &= ~(Termios.ICANON | Termios.ECHO);
        settings.c_iflag &= ~Termios.IXON;
        settings.c_cc[Termios.VMIN] = 1;
        settings.c_cc[Termios.VTIME] = 0;
        return Termios.ioctl(_device, Termios.TCSETSW, ref settings) == 0;
    }

    /// <summary>Restores the settings from before. A terminal that is gone needs none.</summary>
    public void GiveKeysBack()
    {
        var settings = _before;
        _ = Termios.ioctl(_device, Termios.TCSETSW, ref settings);
    }

    /// <summary>
    /// Stops this process until its shell continues it. The runtime does not stop it on Ctrl+Z where the program
    /// handles that signal too.
    /// </summary>
    public static void Suspend() => _ = Signal.kill(Environment.ProcessId, Signal.SIGSTOP);

    /// <summary>
    /// Waits for keys and returns their number of bytes; 0 where the terminal is gone. The bytes of an escape sequence
    /// come together.
    /// </summary>
    public int Read(Span<byte> keys)
    {
        var length = ReadOnce(keys);
        if (length == 1 && keys[0] == (byte)'\e')
        {
            var ready = new Poll.pollfd { fd = (int)_device.DangerousGetHandle(), events = Poll.POLLIN };
            if (Poll.poll(ref ready, 1, RestOfSequence) > 0)
                length += ReadOnce(keys[1..]);
        }

        return length;
    }

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();

    int ReadOnce(Span<byte> keys)
    {
        while (true)
        {
            var length = Unistd.read(_device, keys, keys.Length);
            if (length >= 0 || Marshal.GetLastPInvokeError() != Errno.EINTR)
                return (int)Math.Max(length, 0);
        }
    }
}
