using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Links;

/// <summary>
/// Adds up the counters of the CPUs. The kernel omits a CPU while it is offline, and shows its old counters again
/// later. The reader remembers the last value of each, so that the sums never fall.
/// </summary>
sealed class SoftnetReader(ProcMount proc) : Reader<SoftnetStat>("softnet", "/proc/net/softnet_stat")
{
    readonly Dictionary<int, Counter> _drops = [];
    readonly Dictionary<int, Counter> _squeezes = [];

    protected override Reading<SoftnetStat> Read(SamplingPass sampling) =>
        proc.Read(SoftnetLine.File, SoftnetLine.Parse)
            .Select(lines =>
            {
                foreach (var line in lines)
                {
                    _drops[line.Cpu] = _drops.GetValueOrDefault(line.Cpu).At(line.Drops);
                    _squeezes[line.Cpu] = _squeezes.GetValueOrDefault(line.Cpu).At(line.TimesSqueezed);
                }

                return new SoftnetStat(Sum(_drops), Sum(_squeezes));
            });

    static long Sum(Dictionary<int, Counter> counters) =>
        counters.Values.Sum(static counter => counter.Wrapped + counter.Highest);

    /// <summary>A counter of one CPU; 32 bits in the kernel.</summary>
    /// <param name="Wrapped">The sum of all counts before the last wrap to 0.</param>
    /// <param name="Highest">The highest value since then.</param>
    readonly record struct Counter(long Wrapped, uint Highest)
    {
        /// <summary>Returns the counter after it shows a value.</summary>
        public Counter At(uint value)
        {
            if (value >= Highest)
                return this with { Highest = value };

            // A fall by more than half of the range is a wrap. A smaller fall occurs where lines have no CPU id and one
            // line is gone.
            return Highest - value > uint.MaxValue / 2 ? new(Wrapped + uint.MaxValue + 1L, value) : this;
        }
    }
}
