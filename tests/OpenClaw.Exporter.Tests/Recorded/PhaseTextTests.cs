using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// The texts of each phase of a problem, on the command line and on the page, in one file for human readers. It is
/// written with OPENCLAW_UPDATE_GENERATED=1 in the environment.
/// </summary>
public partial class PhaseTextTests
{
    const string Path = "tests/OpenClaw.Exporter.Tests/Recorded/phases.txt";

    [Fact]
    public async Task The_texts_of_the_phases_are_as_recorded()
    {
        var text = new StringBuilder();
        await AppendAsync("healthy", null, static _ => Task.CompletedTask);
        await AppendAsync("close", Phase.Close, static machine => ConnectAsync(machine, 0.98));
        await AppendAsync("failing", Phase.Failing, static machine => ConnectAsync(machine, 1));
        await AppendAsync("failing, without a full pool", Phase.Failing, static machine => OverflowAsync(machine, 0));
        await AppendAsync("over", Phase.Over, static machine => OverflowAsync(machine, 4));

        GeneratedFile.AssertCurrent(Path, text.ToString());

        async Task AppendAsync(string name, Phase? phase, Func<RecordedMachine, Task> prepare)
        {
            using var machine = new RecordedMachine();
            await prepare(machine);
            await machine.SampleAsync();
            Assert.Equal(
                phase is { } one ? [one] : [],
                machine.Sampling.Diagnosis.Problems.Select(static problem => problem.Phase)
            );
            var forms = (await machine.Sampling.RenderAsync()).ToDictionary(
                static form => form.Form,
                static form => form.Text
            );
            text.Append($"######## {name}: openclaw-exporter diagnose\n\n{forms["diagnose"]}\n");
            text.Append($"######## {name}: openclaw-exporter status\n\n{forms["status"]}\n");
            text.Append($"######## {name}: the top of the page\n\n{TopOf(forms["html"])}\n\n");
        }
    }

    static Task ConnectAsync(RecordedMachine machine, double ratio) =>
        RecordedMachines.Fill(machine, ratio, "ephemeral_connect_ports");

    /// <summary>Connections that a listener drops, and samplings without any after that.</summary>
    static async Task OverflowAsync(RecordedMachine machine, int quiet)
    {
        RecordedMachines.WriteCounters(machine, 0);
        await machine.SampleAsync(TimeSpan.FromSeconds(20));
        machine.Fixture.Write("thread-self/net/netstat", "TcpExt: ListenOverflows\nTcpExt: 12\n");
        for (var i = 0; i < quiet; i++)
            await machine.SampleAsync(TimeSpan.FromSeconds(20));
    }

    /// <summary>The words of the page before its resources and of the look back, one element in a line.</summary>
    static string TopOf(string html)
    {
        var top = html[html.IndexOf("<header", StringComparison.Ordinal)..];
        var resources = Resources().Match(top);
        var past = Past().Match(top).Value;
        var words = WebUtility.HtmlDecode(Tag().Replace(top[..resources.Index] + past, ""));
        return string.Join(
            '\n',
            words.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0)
        );
    }

    [GeneratedRegex("<section class=\"panel resources\"")]
    private static partial Regex Resources();

    [GeneratedRegex("(?s)<section class=\"panel past\".*?</section>")]
    private static partial Regex Past();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
