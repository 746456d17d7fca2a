using System.Diagnostics;

namespace OpenClaw.Testing;

/// <summary>
/// Starts the child processes of all tests. Between fork and exec a child holds all open descriptors of its parent,
/// close-on-exec or not. So a port is free after its socket closes only when no child is between the two.
/// </summary>
static class ChildProcess
{
    /// <summary>
    /// The lock held from fork until exec, and while a test closes a socket that no child may keep open.
    /// </summary>
    public static Lock Forking { get; } = new();

    /// <summary>Starts a program; returns after its exec.</summary>
    public static Process Start(ProcessStartInfo start)
    {
        lock (Forking)
            return Process.Start(start)!;
    }
}
