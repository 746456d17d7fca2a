using OpenClaw.Kernel.Ports;

namespace OpenClaw.Exporter.Tests;

public class PortSetTests
{
    /// <summary>
    /// Compares with a check of each port: within a word of the set, across several, at their edges and at both ends.
    /// </summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 65535)]
    [InlineData(63, 64)]
    [InlineData(64, 127)]
    [InlineData(100, 101)]
    [InlineData(32768, 60999)]
    [InlineData(65472, 65535)]
    [InlineData(65535, 65535)]
    public void Ports_between_two_are_counted(ushort first, ushort last)
    {
        var ports = new PortSet();
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
            ports.Add((ushort)random.Next(65536));

        Assert.Equal(
            Enumerable.Range(first, last - first + 1).Count(port => ports.Contains((ushort)port)),
            ports.CountBetween(first, last)
        );
    }

    [Theory]
    [InlineData(100, 199, 0, 65535, 99)]
    [InlineData(100, 199, 150, 300, 49)]
    [InlineData(100, 199, 200, 300, 0)]
    [InlineData(100, 199, 0, 99, 0)]
    public void Usable_ones_are_in_the_range_and_not_reserved(
        ushort first,
        ushort last,
        ushort from,
        ushort to,
        int usable
    )
    {
        var reserved = new PortSet();
        reserved.Add(160);
        reserved.Add(60);

        Assert.Equal(
            usable,
            new EphemeralPortSettings(first, last, reserved, TimeWaitReuse.Never, TimeSpan.Zero, true).UsableCount(
                from,
                to
            )
        );
    }

    /// <summary>The kernel writes and reads this form (proc_do_large_bitmap).</summary>
    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("8080,9000-9010,9012")]
    [InlineData("1-2,64000-65535")]
    [InlineData("0-65535")]
    public void Its_text_is_the_kernel_s(string text) =>
        Assert.Equal(
            text,
            EphemeralPortSettings.ParseReserved(System.Text.Encoding.ASCII.GetBytes(text)).Value.ToString()
        );
}
