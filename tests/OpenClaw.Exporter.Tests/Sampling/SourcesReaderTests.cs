using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The first source of a value that is available is taken.</summary>
public class SourcesReaderTests
{
    [Fact]
    public void The_first_source_with_a_value_is_taken()
    {
        var run = Run(new("a", static _ => 1), new("b", static _ => 2, "the rest"));

        Assert.Equal((1, "a", "a; b", null), (run.Reading.Value, run.Source, run.Reader.Source, run.Failure));
    }

    [Theory]
    [InlineData(Absence.NotPresent)]
    [InlineData(Absence.NotPermitted)]
    public void An_unavailable_source_is_replaced_by_the_next(Absence reason)
    {
        var run = Run(Failing("a", reason), new("b", static _ => 2, "the rest"), new("c", static _ => 3));

        Assert.Equal((2, "b"), (run.Reading.Value, run.Source));
        Assert.Equal(new(reason, "a: no; read from b instead, without the rest"), run.Failure);
    }

    [Fact]
    public void A_source_that_lacks_nothing_is_no_failure()
    {
        var run = Run(Failing("a", Absence.NotPresent), new("b", static _ => 2));

        Assert.Equal((2, "b (without a: no)", null), (run.Reading.Value, run.Source, run.Failure));
    }

    [Theory]
    [InlineData(Absence.TimedOut)]
    [InlineData(Absence.Malformed)]
    [InlineData(Absence.Interrupted)]
    [InlineData(Absence.Gone)]
    [InlineData(Absence.Failed)]
    public void After_any_other_failure_no_further_source_is_asked(Absence reason)
    {
        var run = Run(Failing("a", reason), new("b", static _ => throw new InvalidOperationException()));

        Assert.Equal(new(reason, "a: no"), run.Reading.Missing);
        Assert.Null(run.Mistake);
    }

    [Theory]
    [InlineData(Absence.NotPresent)]
    [InlineData(Absence.NotPermitted)]
    [InlineData(Absence.Malformed)]
    [InlineData(Absence.Interrupted)]
    [InlineData(Absence.Failed)]
    public void An_addition_that_fails_is_replaced_and_its_reason_kept(Absence reason)
    {
        var run = Run(Failing("a", reason) with { Adds = "more" }, new("b", static _ => 2, "the rest"));

        Assert.Equal((2, "b", null), (run.Reading.Value, run.Source, run.Failure));
        Assert.Equal(new("more", new(reason, "a: no")), run.Fallback);
    }

    [Fact]
    public void After_an_addition_that_has_no_time_no_further_source_is_asked()
    {
        var run = Run(Failing("a", Absence.TimedOut) with { Adds = "more" }, new("b", static _ => 2));

        Assert.Equal(new(Absence.TimedOut, "a: no"), run.Reading.Missing);
        Assert.Null(run.Fallback);
    }

    [Fact]
    public void An_addition_explains_no_failure_of_the_others()
    {
        var run = Run(
            Failing("a", Absence.NotPermitted) with
            {
                Adds = "more",
            },
            Failing("b", Absence.NotPresent),
            new("c", static _ => 3, "the rest")
        );

        Assert.Equal(new(Absence.NotPresent, "b: no; read from c instead, without the rest"), run.Failure);
    }

    [Theory]
    [InlineData(Absence.NotPresent, Absence.NotPresent, Absence.NotPresent)]
    [InlineData(Absence.NotPresent, Absence.NotPermitted, Absence.NotPermitted)]
    [InlineData(Absence.NotPermitted, Absence.NotPresent, Absence.NotPermitted)]
    [InlineData(Absence.NotPermitted, Absence.Malformed, Absence.NotPermitted)]
    [InlineData(Absence.NotPresent, Absence.TimedOut, Absence.TimedOut)]
    public void The_value_is_absent_only_where_no_source_may_have_it(Absence first, Absence second, Absence expected)
    {
        var run = Run(Failing("a", first), Failing("b", second));

        Assert.Equal(new(expected, "a: no; b: no"), run.Reading.Missing);
        Assert.Equal("a; b", run.Source);
    }

    [Fact]
    public void Missing_sources_of_an_earlier_run_are_forgotten()
    {
        var isAvailable = false;
        var reader = new SourcesReader<int>(
            "made_up",
            new("a", _ => isAvailable ? 1 : new Missing(Absence.NotPresent, "a: no")),
            new("b", static _ => 2, "the rest")
        );
        Assert.NotNull(reader.RunHere().Failure);

        isAvailable = true;

        Assert.Equal(("a", null), (reader.RunHere().Source, reader.RunHere().Failure));
    }

    static Source<int> Failing(string name, Absence reason) => new(name, _ => new Missing(reason, $"{name}: no"));

    static ReaderRun<int> Run(params Source<int>[] sources) =>
        (ReaderRun<int>)new SourcesReader<int>("made_up", [.. sources]).RunHere();
}
