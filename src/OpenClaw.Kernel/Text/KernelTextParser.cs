using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Text;

/// <summary>
/// Converts the text of one kernel file to a value. It is <see cref="Absence.Malformed"/> when the text has another
/// form.
/// </summary>
public delegate Reading<T> KernelTextParser<T>(ReadOnlySpan<byte> text);
