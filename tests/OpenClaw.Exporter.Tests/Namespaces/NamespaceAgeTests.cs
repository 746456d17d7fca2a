using System.Text;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The kernel gives the inode of a namespace that ended to the next one at once.</summary>
public class NamespaceAgeTests
{
    static readonly DateTimeOffset Event = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-3600, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(180, false)]
    public void A_message_is_not_about_a_namespace_that_is_younger(int secondsLater, bool isFound)
    {
        var netns = new NetworkNamespace
        {
            Name = "ux1",
            Identity = new(4, 4026532176),
            Since = Event + TimeSpan.FromSeconds(secondsLater),
        };

        Assert.Equal(isFound ? "ux1" : null, new NetworkNamespaces([netns]).Find(4026532176, Event)?.Name);
    }

    [Theory]
    [InlineData("7 (sleep) S 1 7 7 0 -1 4194304 95 0 0 0 0 0 0 0 20 0 1 0 12345 5 6\n", 123.45)]
    [InlineData("7 (a) b) c) S 1 7 7 0 -1 4194304 95 0 0 0 0 0 0 0 20 0 1 0 100\n", 1)]
    public void The_start_of_a_process_stands_behind_its_name(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ProcessStart.Parse(Encoding.ASCII.GetBytes(text)).Value);

    [Theory]
    [InlineData("")]
    [InlineData("7 (sleep) S 1\n")]
    [InlineData("7 (sleep) S 1 7 7 0 -1 4194304 95 0 0 0 0 0 0 0 20 0 1 0 -1 5\n")]
    [InlineData("7 (sleep) S 1 7 7 0 -1 4194304 95 0 0 0 0 0 0 0 20 0 1 0 soon 5\n")]
    public void Another_form_is_malformed(string text) =>
        Assert.Equal(Absence.Malformed, ProcessStart.Parse(Encoding.ASCII.GetBytes(text)).Missing?.Reason);

    [Fact]
    public void The_uptime_has_a_fraction() =>
        Assert.Equal(TimeSpan.FromSeconds(350735.47), ProcessStart.ParseUptime("350735.47 234388.90\n"u8).Value);
}
