using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace OpenClaw.Exporter.Tests;

/// <summary>Changes captured bytes where it hurts: words and lines of text, lengths in records.</summary>
static class Mutation
{
    const int StepsAtMost = 4;

    /// <summary>The longest result, so that repeated doubling has an end.</summary>
    const int LengthAtMost = 64 * 1024;

    /// <summary>Words that number parsers, columns and quotes may not expect.</summary>
    static readonly byte[][] Words =
    [
        .. (
            (string[])
                [
                    "0",
                    "-1",
                    "+5",
                    "00000000000000000001",
                    "2147483648",
                    "4294967296",
                    "9223372036854775807",
                    "9223372036854775808",
                    "18446744073709551615",
                    "99999999999999999999999",
                    "1e9",
                    "NaN",
                    "max",
                    "unlimited",
                    "",
                    "-",
                    ":",
                    ";",
                    ",",
                    "/",
                    "\0",
                    "\n",
                    "\t",
                    "\"",
                    "{",
                    "[",
                    "&a [*a]",
                    "\e[31m",
                    "٣",
                    "é",
                    "ffffffffffffffff",
                    "0x1f",
                    "\"\\ud800\"",
                    "null",
                ]
        ).Select(Encoding.UTF8.GetBytes),
        [0xff, 0xfe],
        [.. Enumerable.Repeat((byte)'A', 5000)],
    ];

    static readonly uint[] Numbers = [0, 1, 3, 4, 5, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

    static readonly Gen<Step> AnyStep = Gen.Select(
        Gen.Int[0, 6],
        Gen.Int[0, int.MaxValue],
        Gen.Int[0, int.MaxValue],
        static (kind, place, value) => new Step(kind, place, value)
    );

    /// <summary>Changes of text.</summary>
    public static Gen<byte[]> Text(byte[][] samples) => Changed(samples, static (text, step) => ChangeText(text, step));

    /// <summary>Changes of binary records in host byte order.</summary>
    public static Gen<byte[]> Binary(byte[][] samples) =>
        Changed(samples, static (bytes, step) => ChangeBinary(bytes, step));

    static Gen<byte[]> Changed(byte[][] samples, Func<byte[], Step, byte[]> change) =>
        Gen.Select(Gen.Int[0, samples.Length - 1], AnyStep.Array[0, StepsAtMost])
            .Select((sample, steps) => steps.Aggregate(samples[sample], (bytes, step) => Limited(change(bytes, step))));

    static byte[] Limited(byte[] bytes) => bytes.Length <= LengthAtMost ? bytes : bytes[..LengthAtMost];

    static byte[] ChangeText(byte[] text, Step step)
    {
        var parts = Split(text, step.Kind % 2 == 0 ? IsWordEnd : IsLineEnd);
        if (parts.Count == 0)
            return Words[step.Value % Words.Length];
        var at = step.Place % parts.Count;
        var other = step.Value % parts.Count;
        switch (step.Kind)
        {
            case 0 or 2:
                parts[at] = Words[step.Value % Words.Length];
                break;
            case 1:
                parts.RemoveAt(at);
                break;
            case 3:
                parts.InsertRange(at, Enumerable.Repeat(parts[other], 1 + (step.Value % 50)));
                break;
            case 4:
                parts.RemoveAt(at);
                break;
            case 5:
                (parts[at], parts[other]) = (parts[other], parts[at]);
                break;
            default:
                return ChangeBytes(text, step);
        }

        return Join(parts);
    }

    static byte[] ChangeBinary(byte[] bytes, Step step)
    {
        var aligned = bytes.Length < 4 ? 0 : step.Place % (bytes.Length / 4) * 4;
        byte[] changed = [.. bytes];
        switch (step.Kind)
        {
            case 0 or 1 when bytes.Length >= aligned + 4:
                BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(aligned), Numbers[step.Value % Numbers.Length]);
                return changed;
            case 2 when bytes.Length >= aligned + 2:
                // Attributes begin with a length of two bytes.
                var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(aligned));
                BinaryPrimitives.WriteUInt16LittleEndian(
                    changed.AsSpan(aligned),
                    (ushort)(length + (step.Value % 9) - 4)
                );
                return changed;
            case 3 when bytes.Length >= aligned + 4:
                return [.. bytes[..aligned], .. bytes[(aligned + 4)..]];
            case 4:
                return [.. bytes[..aligned], .. bytes[..Math.Min(bytes.Length, 64)], .. bytes[aligned..]];
            default:
                return ChangeBytes(bytes, step);
        }
    }

    static byte[] ChangeBytes(byte[] bytes, Step step)
    {
        if (bytes.Length == 0)
            return [(byte)step.Value];
        var at = step.Place % bytes.Length;
        byte[] changed = [.. bytes];
        changed[at] ^= (byte)(1 << (step.Value % 8));
        return (step.Value % 3) switch
        {
            0 => changed,
            1 => bytes[..at],
            _ => [.. bytes[..at], (byte)step.Value, .. bytes[at..]],
        };
    }

    /// <summary>Splits bytes before and behind each separator.</summary>
    static List<ReadOnlyMemory<byte>> Split(byte[] bytes, Func<byte, bool> isEnd)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        var start = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (!isEnd(bytes[i]))
                continue;
            if (i > start)
                parts.Add(bytes.AsMemory(start, i - start));
            parts.Add(bytes.AsMemory(i, 1));
            start = i + 1;
        }

        if (start < bytes.Length)
            parts.Add(bytes.AsMemory(start));
        return parts;
    }

    static byte[] Join(List<ReadOnlyMemory<byte>> parts)
    {
        var whole = new byte[parts.Sum(static part => part.Length)];
        var at = 0;
        foreach (var part in parts)
        {
            part.Span.CopyTo(whole.AsSpan(at));
            at += part.Length;
        }

        return whole;
    }

    static bool IsWordEnd(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)':' or (byte)',' or 0;

    static bool IsLineEnd(byte value) => value == (byte)'\n';

    readonly record struct Step(int Kind, int Place, int Value);
}
