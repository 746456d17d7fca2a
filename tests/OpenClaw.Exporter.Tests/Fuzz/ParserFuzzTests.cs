namespace OpenClaw.Exporter.Tests;

/// <summary>Parsers of changed bytes return in time: a value without impossible numbers, or a reason.</summary>
public class ParserFuzzTests
{
    const int Iterations = 300;

    /// <summary>The bytes around the parsed ones. The result must not depend on them.</summary>
    const int Margin = 64;

    /// <summary>
    /// Parsers of numbers with a sign, of limits where -1 is none, and of the exporter's own records in the kernel.
    /// </summary>
    static readonly string[] Signed =
    [
        "FileNr.Parse",
        "KernelText.ParseInteger",
        "RefusedCall.Read",
        "SocketLimits.ParseLast",
    ];

    public static TheoryData<string> Parsers => [.. KnownParsers.All.Keys];

    /// <summary>A new parser needs captured bytes.</summary>
    [Fact]
    public void Every_parser_has_captured_bytes()
    {
        var captured = CapturedBytes.Texts.Keys.Concat(CapturedBytes.Binary.Keys).ToList();

        Assert.Equal([], KnownParsers.All.Keys.Except(captured));
        Assert.Equal([], captured.Except(KnownParsers.All.Keys));
    }

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Changed_bytes_do_no_harm(string parser)
    {
        var samples = CapturedBytes.Find(parser);
        Assert.NotNull(samples);
        var run = KnownParsers.Runner(KnownParsers.All[parser]);
        var inputs = CapturedBytes.Binary.ContainsKey(parser) ? Mutation.Binary(samples) : Mutation.Text(samples);

        FuzzRun.Run(parser, inputs, FuzzRun.Iterations(Iterations), input =>
        {
            var value = Parse(run, input, 0xaa);
            Assert.Equal(Facts.Describe(Parse(run, input, (byte)'7')), Facts.Describe(value));
            if (!Signed.Contains(parser))
                Facts.AssertPossible(value);
        });
    }

    static object? Parse(Func<byte[], int, int, object?> run, byte[] input, byte around)
    {
        var buffer = new byte[input.Length + (2 * Margin)];
        buffer.AsSpan().Fill(around);
        input.CopyTo(buffer, Margin);
        return run(buffer, Margin, input.Length);
    }
}
