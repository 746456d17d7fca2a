using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Tests;

/// <summary>System calls with a single failure, or with the end of the process instead of it.</summary>
/// <param name="at">The number of the call, from 1.</param>
/// <param name="ends">True to end instead of to fail.</param>
sealed class FaultyWrites(int at, bool ends = false) : SystemWrites
{
    const int EIO = 5;

    int _calls;

    /// <summary>The call that failed, in words; null where none has.</summary>
    public string? Failed { get; private set; }

    protected override int Refuse(string name, string target)
    {
        if (++_calls != at)
            return 0;
        Failed = $"{name} {target}";
        return ends ? throw new ProcessEndException() : EIO;
    }
}

/// <summary>The end of a process in the middle of its work.</summary>
sealed class ProcessEndException : Exception;
