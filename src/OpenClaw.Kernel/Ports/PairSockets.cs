namespace OpenClaw.Kernel.Ports;

/// <summary>The sockets of one source and destination, by the way in which they hold their ports.</summary>
/// <param name="Busy">In use.</param>
/// <param name="Idle">Established and idle, without a timer.</param>
/// <param name="TimeWait">In TIME_WAIT.</param>
/// <param name="OldTimeWait">In TIME_WAIT for so long that connect() takes the port where tcp_tw_reuse allows
/// that.</param>
readonly record struct PairSockets(int Busy, int Idle, int TimeWait, int OldTimeWait)
{
    /// <summary>The round trips and retransmits of these sockets; null where the source does not show them.</summary>
    public PairMeasures? Measures { get; init; }
}

/// <summary>The numbers that the kernel measures at the sockets of one source and destination.</summary>
/// <param name="Microseconds">The sum of their smoothed round trips.</param>
/// <param name="Measured">The number of sockets that have measured one.</param>
/// <param name="Retransmits">The segments that these sockets sent again since they were connected.</param>
readonly record struct PairMeasures(ulong Microseconds, int Measured, long Retransmits)
{
    /// <summary>The mean round trip; null where none was measured.</summary>
    public TimeSpan? RoundTrip => Measured > 0 ? TimeSpan.FromMicroseconds((double)Microseconds / Measured) : null;
}
