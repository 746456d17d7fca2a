using System.Globalization;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Bpf;

/// <summary>Explains why the kernel refused a call of bpf().</summary>
static class BpfRefusal
{
    const int CAP_SYS_ADMIN = 21;
    const int CAP_PERFMON = 38;
    const int CAP_BPF = 39;
    const string Forbidden = "refused by kernel lockdown, a security module or a seccomp filter";

    /// <summary>
    /// Returns the missing value for an error of bpf(). EPERM has several causes, so the capabilities of the thread are
    /// looked at too.
    /// </summary>
    public static Missing From(int error, string command)
    {
        var subject = $"bpf({command})";
        var missing = Missing.FromErrno(error, subject, KernelCall.File);
        return error switch
        {
            Errno.EPERM or Errno.EACCES => LackedCapability() is { } lacked
                ? missing with
                {
                    Detail = $"{subject}: needs {lacked}",
                }
                : missing with
                {
                    Detail = $"{subject}: {Forbidden}",
                    IsFiltered = true,
                },
            Errno.ENOSYS => new(Absence.NotPresent, $"{subject}: the kernel has no bpf()"),
            Errno.EINVAL => new(Absence.NotPresent, $"{subject}: this kernel does not know the request"),
            _ => missing,
        };
    }

    /// <summary>Returns the capability that the thread lacks, in words; null where it has all or is not read.</summary>
    static string? LackedCapability()
    {
        var effective = new ProcMount().Read("thread-self/status", Effective);
        if (!effective.TryGet(out var capabilities) || Has(CAP_SYS_ADMIN))
            return null;
        return (Has(CAP_BPF), Has(CAP_PERFMON)) switch
        {
            (true, true) => null,
            (true, false) => "CAP_PERFMON too",
            (false, true) => "CAP_BPF too",
            _ => "CAP_BPF and CAP_PERFMON",
        };

        bool Has(int capability) => (capabilities & (1UL << capability)) != 0;
    }

    /// <summary>Reads the line CapEff, which has 16 hexadecimal digits.</summary>
    static Reading<ulong> Effective(ReadOnlySpan<byte> status)
    {
        var key = "\nCapEff:\t"u8;
        var at = status.IndexOf(key);
        return
            at >= 0
            && ulong.TryParse(
                status[(at + key.Length)..].Slice(0, Math.Min(16, status.Length - at - key.Length)),
                NumberStyles.HexNumber,
                CultureInfo.InvariantCulture,
                out var capabilities
            )
            ? capabilities
            : new Missing(Absence.Malformed, "expected CapEff");
    }
}
