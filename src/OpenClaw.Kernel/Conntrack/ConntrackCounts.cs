using System.Buffers.Text;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Conntrack;

/// <summary>
/// The number of tracked connections in each network namespace, read through descriptors of nf_conntrack_count that
/// stay open. A descriptor reads the namespace it was opened in, from any thread. This costs a twentieth of entering
/// the namespace and opening the file. The descriptor does not keep the namespace alive: when the namespace ends, its
/// sysctls end and a read fails.
/// </summary>
sealed class ConntrackCounts(ProcMount proc)
{
    /// <summary>
    /// The divisor of the exporter's own descriptor limit that gives the number of descriptors kept open here.
    /// </summary>
    const int PartOfLimit = 4;

    readonly Lazy<long> _openAtMost = new(() =>
        proc.Read("self/limits", ProcessLimits.Parse).TryGet(out var limits)
            ? (limits.OpenFilesSoft ?? long.MaxValue) / PartOfLimit
            : 0
    );

    readonly Dictionary<FileIdentity, SafeFileHandle> _open = [];

    /// <summary>
    /// Returns the count of a namespace whose descriptor is open; null where the reader has to enter it.
    /// </summary>
    public long? ReadAgain(FileIdentity netns)
    {
        if (!_open.TryGetValue(netns, out var file))
            return null;
        if (Read(file) is { } count)
            return count;
        Close(netns);
        return null;
    }

    /// <summary>
    /// Reads the count of the calling thread's namespace. The descriptor stays open for the next reading unless too
    /// many are open.
    /// </summary>
    public Reading<long> Open(FileIdentity netns)
    {
        var path = proc.PathOf(ConntrackTable.CountFile);
        var file = Fcntl.open(path, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (file.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            file.Dispose();
            return Missing.FromErrno(error, path, KernelCall.File);
        }

        var count = Read(file);
        if (count is null || _open.Count >= _openAtMost.Value || !_open.TryAdd(netns, file))
            file.Dispose();
        return count ?? (Reading<long>)new Missing(Absence.Malformed, $"{path}: expected one integer");
    }

    /// <summary>Closes the descriptors of all other namespaces.</summary>
    public void Keep(IEnumerable<FileIdentity> namespaces)
    {
        if (_open.Count == 0)
            return;
        var kept = namespaces.ToHashSet();
        foreach (var gone in _open.Keys.Where(netns => !kept.Contains(netns)).ToList())
            Close(gone);
    }

    void Close(FileIdentity netns)
    {
        if (_open.Remove(netns, out var file))
            file.Dispose();
    }

    static long? Read(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[32];
        return
            Unistd.pread(file, text, text.Length, 0) is > 0 and var length
            && Utf8Parser.TryParse(text[..(int)length], out long count, out _)
            && count >= 0
            ? count
            : null;
    }
}
