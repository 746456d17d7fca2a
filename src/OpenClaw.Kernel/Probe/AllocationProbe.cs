using System.Collections.Immutable;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Probe;

/// <summary>What the probe tries, as any program would.</summary>
public enum ProbeOperation
{
    /// <summary>socket() of a TCP socket.</summary>
    Socket,

    /// <summary>bind() of a TCP socket to port 0 of 127.0.0.1.</summary>
    TcpBind,

    /// <summary>bind() of a UDP socket to port 0 of 127.0.0.1.</summary>
    UdpBind,

    /// <summary>connect() to a listener of the probe's own on 127.0.0.1.</summary>
    Connect,
}

/// <summary>How one operation went.</summary>
/// <param name="Operation">What was tried.</param>
/// <param name="Error">0, or the error number it failed with.</param>
/// <param name="Duration">How long the system calls took.</param>
public readonly record struct ProbeResult(ProbeOperation Operation, int Error, TimeSpan Duration)
{
    /// <summary>Name of the error in errno.h, such as EADDRINUSE; null when it succeeded.</summary>
    public string? ErrorName => Error == 0 ? null : Errno.NameOf(Error);
}

/// <summary>How often an operation has failed with an error.</summary>
/// <param name="Operation">What was tried.</param>
/// <param name="Error">Name of the error in errno.h, such as EADDRINUSE.</param>
/// <param name="Count">How often since the exporter started.</param>
public readonly record struct ProbeErrors(ProbeOperation Operation, string Error, long Count);

/// <summary>
/// Whether a program would be given sockets and ports now: no counter of the kernel moves when it is not.
/// </summary>
/// <param name="Results">Each operation that could be tried; connect() cannot when there is no port for its
/// listener.</param>
/// <param name="Errors">Failures since the exporter started.</param>
public sealed record AllocationProbe(ImmutableArray<ProbeResult> Results, ImmutableArray<ProbeErrors> Errors)
    : IPerNamespace;
