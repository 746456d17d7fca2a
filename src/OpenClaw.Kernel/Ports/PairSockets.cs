namespace OpenClaw.Kernel.Ports;

/// <summary>The sockets of one source and destination, by the way in which they hold their ports.</summary>
/// <param name="Busy">In use.</param>
/// <param name="Idle">Established and idle, without a timer.</param>
/// <param name="TimeWait">In TIME_WAIT.</param>
/// <param name="OldTimeWait">In TIME_WAIT for so long that connect() takes the port where tcp_tw_reuse allows
/// that.</param>
readonly record struct PairSockets(int Busy, int Idle, int TimeWait, int OldTimeWait);
