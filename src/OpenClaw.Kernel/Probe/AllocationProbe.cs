using System.Collections.Immutable;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Probe;

/// <summary>The operations of the probe. Any program performs them.</summary>
public enum ProbeOperation
{
    /// <summary>Creates a TCP socket with socket().</summary>
    Socket,

    /// <summary>Calls bind() of a TCP socket to port 0 of 127.0.0.1.</summary>
    TcpBind,

    /// <summary>Calls bind() of a UDP socket to port 0 of 127.0.0.1.</summary>
    UdpBind,

    /// <summary>Calls connect() to a listener of the probe's own on 127.0.0.1.</summary>
    Connect,
}

/// <summary>The result of one operation.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Error">The errno value of the failure, or 0.</param>
/// <param name="Duration">The duration of the system calls.</param>
public readonly record struct ProbeResult(ProbeOperation Operation, int Error, TimeSpan Duration)
{
    /// <summary>The name of the error in errno.h, such as EADDRINUSE; null when the operation succeeded.</summary>
    public string? ErrorName => Error == 0 ? null : Errno.NameOf(Error);
}

/// <summary>The number of failures of an operation with one error.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Error">The name of the error in errno.h, such as EADDRINUSE.</param>
/// <param name="Count">The number of failures since the exporter started.</param>
public readonly record struct ProbeErrors(ProbeOperation Operation, string Error, long Count);

/// <summary>
/// The result of the probe: whether a program can get sockets and ports now. No counter of the kernel changes when it
/// cannot. There is none without loopback.
/// </summary>
/// <param name="Results">The operations that were possible. Without a port for its listener, connect() is
/// skipped.</param>
/// <param name="Errors">Failures since the exporter started.</param>
public sealed record AllocationProbe(ImmutableArray<ProbeResult> Results, ImmutableArray<ProbeErrors> Errors)
    : IPerNamespace;
