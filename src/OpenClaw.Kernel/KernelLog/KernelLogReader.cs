using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.KernelLog;

/// <summary>
/// Follows /dev/kmsg. The first reading takes all records in the ring, each later one only the new records. The log is
/// the machine's, in every namespace. It needs CAP_SYSLOG where kernel.dmesg_restrict is 1.
/// </summary>
sealed class KernelLogReader(ProcMount proc, TimeProvider clock)
    : Reader<KernelLogEvents>("kernel_log", Device),
        IDisposable
{
    const string Device = "/dev/kmsg";

    /// <summary>
    /// The buffer length. A record has at most 8 KiB with its properties; the kernel refuses a shorter buffer with
    /// EINVAL.
    /// </summary>
    const int LongestRecord = 16 * 1024;

    /// <summary>The first kernel whose messages name namespaces.</summary>
    static readonly Version NamingNamespaces = new(6, 17);

    readonly LatestEvents _events = new();
    DateTimeOffset _started = Process.GetCurrentProcess().StartTime;
    ClockReading _clock;
    readonly byte[] _buffer = new byte[LongestRecord];
    SafeFileHandle? _device;

    public void Dispose() => _device?.Dispose();

    protected override Reading<KernelLogEvents> Read(SamplingPass sampling)
    {
        if (_device is null)
        {
            var opened = Fcntl.open(Device, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
            if (opened.IsInvalid)
            {
                var error = Marshal.GetLastPInvokeError();
                opened.Dispose();
                return Missing.FromErrno(error, Device, KernelCall.File);
            }

            _device = opened;
        }

        // A message keeps its age where the wall clock is set.
        var now = ClockReading.Now(clock);
        var step = now.StepSince(_clock);
        _clock = now;
        _started += step;
        _events.Shift(step);

        // Records carry the time since boot, as CLOCK_MONOTONIC counts it.
        var boot = now.Time - Stopwatch.GetElapsedTime(0);
        if (ReadOn(_device, boot, sampling.Deadline) is { } failure)
        {
            _device.Dispose();
            _device = null;
            return failure;
        }

        return new KernelLogEvents(_events.ToArray(), OwnNamespace())
        {
            OwnSince = proc.IsHostNetwork ? DateTimeOffset.MinValue : _started,
            NamesNamespaces = Environment.OSVersion.Version >= NamingNamespaces,
        };
    }

    /// <summary>Reads all new records, or stops at the deadline. The next reading continues there.</summary>
    Missing? ReadOn(SafeFileHandle device, DateTimeOffset boot, Deadline deadline)
    {
        while (!deadline.HasPassed)
        {
            var length = Unistd.read(device, _buffer, _buffer.Length);
            if (length > 0)
            {
                if (KernelLogRecord.TryParse(_buffer.AsSpan(0, (int)length), out var record))
                    _events.Note(record.Kind, record.NetworkNamespace, boot + record.Uptime, record.Listener);
                continue;
            }

            switch (length == 0 ? Errno.EAGAIN : Marshal.GetLastPInvokeError())
            {
                case Errno.EAGAIN:
                    return null;
                case Errno.EINTR:
                case Errno.EPIPE:
                    // The kernel overwrote records before they were read. The next read gives the oldest that is left.
                    continue;
                case var error:
                    return Missing.FromErrno(error, Device, KernelCall.File);
            }
        }

        return null;
    }

    /// <summary>Returns the number in "net:[4026531833]".</summary>
    Reading<ulong> OwnNamespace()
    {
        const string link = "thread-self/ns/net";
        return proc.ReadLink(link)
            .Then<ulong>(target =>
                target is ['n', 'e', 't', ':', '[', .. var inode, ']']
                && ulong.TryParse(inode, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : new Missing(Absence.Malformed, $"{proc.PathOf(link)}: expected net:[number], found '{target}'")
            );
    }
}
