using CsCheck;

namespace OpenClaw.KernelTests;

public class PortAccuracyTests(ITestOutputHelper output)
{
    const int Mixes = 200;

    /// <summary>
    /// With 0 ports free the call fails, and with n free n calls succeed. This holds for connect, bind and UDP, over
    /// random states of a namespace. A reading that is marked as a bound is one. Only ports that the kernel does not
    /// show make it imprecise.
    /// </summary>
    [Fact]
    [Provokes("ephemeral_connect_ports", "ephemeral_bind_ports")]
    public void The_kernel_gives_exactly_the_free_ports()
    {
        var exact = 0;
        PortMix.Any.Sample(
            mix =>
            {
                using var netns = new PrivateNamespace();
                netns.Run(() =>
                {
                    using var trial = new PortTrial(mix);
                    var contradictions = trial
                        .Contradictions()
                        .Where(static contradiction => contradiction.Length > 0)
                        .ToList();
                    Assert.True(contradictions.Count == 0, string.Join('\n', contradictions));
                    exact += trial.ExactRows;
                });
            },
            iter: Mixes,
            threads: 1
        );
        output.WriteLine($"{Mixes} mixes without a contradiction, {exact} rows of them exact");
        Assert.True(exact > Mixes, "too few exact readings for the test to mean anything");
    }
}
