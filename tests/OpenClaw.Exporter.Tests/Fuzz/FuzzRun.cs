using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// Gives a property many inputs, one seed after the other. FUZZ_ITERATIONS sets their number, FUZZ_SEED the first seed,
/// and FUZZ_PARSERS the parsers by a regular expression.
/// </summary>
static class FuzzRun
{
    /// <summary>The time for an input, on a slow machine too.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Seeds that once found a bug in some parser. They are tried first.</summary>
    static readonly ulong[] Kept = [5, 24, 93, 198, 50216, 50398, 50694, 51247, 51999, 52529, 53214];

    static readonly ulong First = ulong.Parse(Variable("FUZZ_SEED", "1"), CultureInfo.InvariantCulture);

    /// <summary>Returns the number of inputs: that of the environment, else a short one for CI.</summary>
    public static int Iterations(int usual) =>
        int.Parse(Variable("FUZZ_ITERATIONS", $"{usual}"), CultureInfo.InvariantCulture);

    /// <summary>
    /// Runs a property, unless the environment names other parsers. It fails by an exception, or by taking too long.
    /// </summary>
    /// <param name="name">The name of the parser, for the message.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="iterations">Their number.</param>
    /// <param name="property">Throws where it does not hold.</param>
    public static void Run<T>(string name, Gen<T> inputs, int iterations, Action<T> property)
    {
        if (!Regex.IsMatch(name, Variable("FUZZ_PARSERS", "")))
            return;
        var seeds = Enumerable.Range(0, iterations).Select(static i => First + (ulong)i);
        foreach (var seed in iterations > 1 ? Kept.Concat(seeds) : seeds)
        {
            var input = inputs.Generate(new PCG(1, seed), null, out _);
            var start = Stopwatch.GetTimestamp();
            try
            {
                property(input);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException(
                    $"{name}: FUZZ_SEED={seed} FUZZ_ITERATIONS=1: {error.Message}",
                    error
                );
            }

            var took = Stopwatch.GetElapsedTime(start);
            if (took > Patience)
                throw new InvalidOperationException($"{name}: FUZZ_SEED={seed} took {took.TotalSeconds:F1} s");
        }
    }

    static string Variable(string name, string otherwise) => Environment.GetEnvironmentVariable(name) ?? otherwise;
}
