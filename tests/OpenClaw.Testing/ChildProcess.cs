using System.Diagnostics;

namespace OpenClaw.Testing;

/// <summary>
/// Starts the children of all tests. Between fork and exec a child holds what its parent had open, close-on-exec or
/// not: a port is free after a socket is closed only when no child is at that point.
/// </summary>
static class ChildProcess
{
    /// <summary>Held from fork until exec, and while a socket is closed that must not live on in a child.</summary>
    public static Lock Forking { get; } = new();

    /// <summary>Starts a program; returns when it is that program that runs.</summary>
    public static Process Start(ProcessStartInfo start)
    {
        lock (Forking)
            return Process.Start(start)!;
    }
}
