using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Tests;

public class ProgramPagesTests
{
    const string Program = "/usr/bin/a program";

    [Theory]
    [InlineData("1000-3000 r-xp 0002c000 fe:00 11755526    /usr/bin/a program", "0", true)]
    [InlineData("1000-3000 r--p 0002c000 fe:00 11755526    /usr/bin/a program", "0", true)]
    [InlineData("1000-3000 r--p 0002c000 fe:00 11755526    /usr/bin/a program", "4", false)]
    [InlineData("1000-3000 rw-p 0002c000 fe:00 11755526    /usr/bin/a program", "0", false)]
    [InlineData("1000-3000 rwxp 0002c000 fe:00 11755526    /usr/bin/a program", "0", false)]
    [InlineData("1000-3000 r-xp 0002c000 fe:00 11755526    /usr/bin/a program (deleted)", "0", false)]
    [InlineData("1000-3000 r-xp 0002c000 fe:00 11755526    /usr/lib/libc.so.6", "0", false)]
    [InlineData("1000-3000 rw-p 00000000 00:00 0", "0", false)]
    [InlineData("x-3000 r-xp 0002c000 fe:00 11755526    /usr/bin/a program", "0", false)]
    public void Only_unchanged_pages_of_the_program_are_given_back(string head, string anonymous, bool areGivenBack)
    {
        string[] smaps =
        [
            "0000-1000 r-xp 0002c000 fe:00 11755526    /usr/bin/a program",
            "Anonymous:             8 kB",
            head,
            "Size:                  8 kB",
            $"Anonymous:             {anonymous} kB",
            "VmFlags: rd ex mr mw me sd",
        ];

        (nint, nint)[] expected = areGivenBack ? [(0x1000, 0x2000)] : [];
        Assert.Equal(expected, ProgramPages.Unchanged(smaps, Program));
    }
}
