using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Links;

/// <summary>
/// Adds up the counters of the CPUs. The kernel omits a CPU while it is offline, and shows its old counters again
/// later. The sums neither fall then nor rise again.
/// </summary>
sealed class SoftnetReader(ProcMount proc) : Reader<SoftnetStat>("softnet", "/proc/net/softnet_stat")
{
    readonly CpuSum _drops = new();
    readonly CpuSum _squeezes = new();

    protected override Reading<SoftnetStat> Read(SamplingPass sampling) =>
        proc.ReadEverywhere(SoftnetLine.File, SoftnetLine.Parse)
            .Select(lines => new SoftnetStat(
                _drops.At(lines, static line => line.Drops),
                _squeezes.At(lines, static line => line.TimesSqueezed)
            ));

    /// <summary>A counter of all CPUs together, from the counter of each; those have 32 bits in the kernel.</summary>
    sealed class CpuSum
    {
        /// <summary>The last value of each CPU, by its id or, without ids, by the number of its line.</summary>
        readonly Dictionary<int, uint> _last = [];

        int _lines;
        long _sum;

        /// <summary>Returns the sum after the file shows these lines.</summary>
        public long At(ImmutableArray<SoftnetLine> lines, Func<SoftnetLine, uint> select)
        {
            // Without ids, lines belong to the same CPUs as before only while their number is the same.
            var isSame = lines.Length == _lines;
            _lines = lines.Length;
            var (shown, rise) = (0L, 0L);
            for (var i = 0; i < lines.Length; i++)
            {
                var value = select(lines[i]);
                var cpu = lines[i].Cpu ?? i;
                shown += value;
                if (!_last.TryGetValue(cpu, out var last))
                    rise += lines[i].Cpu is null ? 0 : value;
                else if (lines[i].Cpu is not null || isSame)
                    rise += Rise(last, value);
                _last[cpu] = value;
            }

            // The number of lines changes when a CPU goes or returns. Rises in between then only show in the values.
            return _sum = Math.Max(_sum + rise, shown);
        }

        /// <summary>
        /// Returns how much a counter rose. A fall by more than half of the range is a wrap to 0. A smaller fall occurs
        /// where one CPU took the line of another.
        /// </summary>
        static long Rise(uint last, uint value)
        {
            if (value >= last)
                return value - last;
            return last - value > uint.MaxValue / 2 ? uint.MaxValue + 1L - last + value : 0;
        }
    }
}
