using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Tests;

/// <summary>Numbers, times and names as people write them.</summary>
public class WordingTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(512, "512 bytes")]
    [InlineData(430_080, "420 KiB")]
    [InlineData(2_358_460_416, "2.2 GiB")]
    [InlineData(1_048_575.9, "1 MiB")]
    [InlineData(65_536, "64 KiB")]
    public void Bytes_have_binary_units(double bytes, string text) => Assert.Equal(text, ByteSize.Format(bytes));

    [Theory]
    [InlineData(1, "1 second")]
    [InlineData(40, "40 seconds")]
    [InlineData(720, "12 minutes")]
    [InlineData(10_800, "3 hours")]
    public void One_second_is_singular(double seconds, string text) =>
        Assert.Equal(text, Durations.Format(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_time_has_its_zone_and_age()
    {
        Assert.Equal("2026-03-01 12:00:00 UTC", Moments.Format(Noon.ToOffset(TimeSpan.FromHours(2))));
        Assert.Equal("3 minutes ago", Moments.Age(Noon, Noon.AddMinutes(3)));
        Assert.Equal("now", Moments.Age(Noon, Noon));
        Assert.Equal("now", Moments.Age(Noon.AddSeconds(5), Noon));
    }

    [Theory]
    [InlineData("tcp_memory_bytes", "TCP memory bytes")]
    [InlineData("time_wait_sockets", "TIME_WAIT sockets")]
    [InlineData("listen_drops", "Listen drops")]
    public void A_name_in_metrics_becomes_a_title(string name, string title) => Assert.Equal(title, Titles.From(name));
}
