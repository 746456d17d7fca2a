using System.Collections.Immutable;
using CsCheck;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.KernelTests;

[Collection(WholeMachine.Name)]
public class PortAccuracyTests(ITestOutputHelper output)
{
    const int Mixes = 200;
    const int MixesOfDump = 60;

    /// <summary>
    /// With 0 ports free the call fails, and with n free n calls succeed. This holds for connect, bind and UDP, over
    /// random states of a namespace. Every reading of TCP is exact, except that an odd range may lose a port.
    /// </summary>
    [Fact]
    [Provokes("ephemeral_connect_ports", "ephemeral_bind_ports")]
    public void The_kernel_gives_exactly_the_free_ports() =>
        Try(KernelSampling.Readers(), knowsBinds: true, Mixes, exactAtLeast: 5 * Mixes);

    /// <summary>
    /// Without the program in the kernel, a reading that is marked as a bound is one. Only ports that the dump does not
    /// show make it imprecise.
    /// </summary>
    [Fact]
    public void The_kernel_gives_at_most_the_free_ports_of_a_dump() =>
        Try(KernelSampling.WithoutPrograms(), knowsBinds: false, MixesOfDump, exactAtLeast: MixesOfDump);

    void Try(ImmutableArray<Reader> readers, bool knowsBinds, int mixes, int exactAtLeast)
    {
        var (exact, bounds) = (0, 0);
        PortMix.Any.Sample(
            mix =>
            {
                using var netns = new PrivateNamespace();
                netns.Run(() =>
                {
                    using var trial = new PortTrial(mix, readers, knowsBinds);
                    var contradictions = trial
                        .Contradictions()
                        .Where(static contradiction => contradiction.Length > 0)
                        .ToList();
                    Assert.True(contradictions.Count == 0, string.Join('\n', contradictions));
                    exact += trial.ExactRows;
                    bounds += trial.BoundRows;
                });
            },
            iter: mixes,
            threads: 1
        );
        output.WriteLine($"{mixes} mixes without a contradiction, {exact} rows exact, {bounds} rows of TCP bounds");
        Assert.True(exact > exactAtLeast, "too few exact readings for the test to mean anything");
    }
}
