using System.Runtime.InteropServices;
using OpenClaw.Kernel.Interop;

namespace OpenClaw.Kernel.Writes;

/// <summary>The reason why a change could not be made.</summary>
/// <param name="Detail">The file, process or interface, and the answer of the kernel.</param>
/// <param name="IsForbidden">True where a right is missing, or the file system is read-only.</param>
public sealed record WriteFailure(string Detail, bool IsForbidden = false)
{
    /// <summary>The capability that the kernel asks for; null where the failure may have another cause.</summary>
    public string? Capability { get; init; }

    /// <summary>Returns the failure of a system call.</summary>
    /// <param name="call">The name of the call.</param>
    /// <param name="target">The file, process or interface.</param>
    /// <param name="error">The errno value.</param>
    internal static WriteFailure FromErrno(string call, string target, int error) =>
        new(
            $"{target}: {call}: {Marshal.GetPInvokeErrorMessage(error)}",
            error is Errno.EPERM or Errno.EACCES or Errno.EROFS
        );
}
