using System.Text;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Status;
using OpenClaw.Kernel.Files;

namespace OpenClaw.Exporter.Tests;

/// <summary>The answer to an error in the OpenClaw log: the problem that failed then, or that it is unknown.</summary>
public sealed class LoggedErrorsTests : IDisposable
{
    readonly EpisodeMachine _machine = new();
    readonly TemporaryFolder _folder = new();

    /// <summary>Close from 0 to 60 s, failing from 60 to 100 s, then calm.</summary>
    public LoggedErrorsTests()
    {
        for (var second = 0; second < 60; second += 15)
            _machine.At(second, 850);
        for (var second = 60; second <= 100; second += 5)
            _machine.At(second, 1000);
        for (var second = 115; second <= 400; second += 15)
            _machine.At(second, 100);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(110)]
    public void An_error_while_a_problem_failed_is_answered(int second) =>
        Assert.Equal(
            $"clw-resource-limit at {EpisodeMachine.Start.AddSeconds(second):HH:mm:ss} UTC was: System file "
                + "descriptors, 1,000 of 1,000 (100%) (episode 1, from 14:32:00 until 14:33:40).",
            Answer(second, "clw-resource-limit")
        );

    /// <summary>Programs get the numbers of the episodes, too. Each code is answered once.</summary>
    [Fact]
    public void The_JSON_names_the_episodes()
    {
        var episodes = _machine.History.All;
        var answers = ErrorAnswer.Collect(
            [Error(80), Error(90), Error(85, "clw-port-conflict"), Error(-2000)],
            episodes,
            EpisodeMachine.Start.AddMinutes(-1),
            _machine.Last!
        );

        Assert.Equal(["clw-resource-limit", "clw-port-conflict"], answers.Select(static answer => answer.Code));
        Assert.Equal(
            [
                [1],
                [],
            ],
            answers.Select(static answer => answer.Episodes.ToArray())
        );
        Assert.Equal(EpisodeMachine.Start.AddSeconds(90), answers[0].Time);
        Assert.Equal(answers, DiagnosisDocument.From(_machine.Last!, answers).Answers);
    }

    /// <summary>A pool that was only close, another time and another code are no causes.</summary>
    [Theory]
    [InlineData(20, "clw-resource-limit")]
    [InlineData(130, "clw-resource-limit")]
    [InlineData(-30, "clw-resource-limit")]
    [InlineData(80, "clw-port-conflict")]
    public void Any_other_error_is_unknown(int second, string code) =>
        Assert.EndsWith(
            "the cause is unknown. No recorded problem with this code failed at that time.",
            Answer(second, code),
            StringComparison.Ordinal
        );

    [Fact]
    public void Without_episodes_only_the_present_problem_is_an_answer()
    {
        Assert.EndsWith("no exporter recorded that time.", Unrecorded(400), StringComparison.Ordinal);
        _machine.At(600, 1000);
        Assert.Equal(
            "clw-resource-limit at 14:41:55 UTC was: System file descriptors, 1,000 of 1,000 (100%).",
            Unrecorded(595)
        );
        Assert.EndsWith("no exporter recorded that time.", Unrecorded(580), StringComparison.Ordinal);

        string Unrecorded(int second) => ErrorAnswer.From(Error(second), [], null, _machine.Last!).Text;
    }

    [Fact]
    public void An_error_before_the_exporter_started_was_recorded_by_nobody()
    {
        _machine.At(600, 10);
        var started = EpisodeMachine.Start.AddSeconds(500);

        string AnswerAt(int second) => ErrorAnswer.From(Error(second), [], started, _machine.Last!).Text;
        Assert.EndsWith("no exporter recorded that time.", AnswerAt(499), StringComparison.Ordinal);
        Assert.EndsWith("with this code failed at that time.", AnswerAt(500), StringComparison.Ordinal);
    }

    /// <summary>A line without a time may be of any age, and the first line may be cut.</summary>
    [Fact]
    public void Only_whole_lines_with_a_time_count()
    {
        var now = new DateTimeOffset(2026, 11, 29, 14, 40, 0, TimeSpan.Zero);
        var log = _folder.Write(
            "openclaw.log",
            """
            2026-11-29T14:30:00Z [OpenClaw Error] Error Code: clw-port-conflict
            2026-11-29T14:32:07Z [OpenClaw Error] Error Code: clw-network-exhausted
            [OpenClaw Error] Error Code: clw-resource-limit

            """
        );
        Assert.Equal(
            ["clw-network-exhausted", "clw-port-conflict"],
            LoggedErrors.ErrorsIn(LogEnd.Read(log, 4096), now).Select(static error => error.Code)
        );
        var end = LogEnd.Read(log, 125);
        Assert.Equal(["clw-network-exhausted"], LoggedErrors.ErrorsIn(end, now).Select(static error => error.Code));
        Assert.StartsWith("2026-11-29T14:32:07Z", Encoding.UTF8.GetString(end[0]), StringComparison.Ordinal);
        Assert.Equal(
            new DateTimeOffset(2026, 11, 29, 14, 32, 7, TimeSpan.Zero),
            LoggedErrors.ErrorsIn(end, now).Single().Time
        );
        Assert.Empty(LogEnd.Read(log + ".gone", 100));
        Assert.Single(LogEnd.Read(log.Replace(".log", "*", StringComparison.Ordinal), 4096));
    }

    string Answer(int second, string code) => AnswerTo(second, code).Text;

    ErrorAnswer AnswerTo(int second, string code) =>
        ErrorAnswer.From(
            Error(second, code),
            _machine.History.All,
            EpisodeMachine.Start.AddMinutes(-1),
            _machine.Last!
        );

    static ClwEvent Error(int second, string code = "clw-resource-limit") =>
        new(EpisodeMachine.Start.AddSeconds(second), code, "", "");
}
