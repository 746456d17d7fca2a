using OpenClaw.Kernel.Procfs;

namespace OpenClaw.Exporter.Tests;

public class FileNrTests
{
    [Fact]
    public void A_maximum_of_LONG_MAX_is_no_limit() =>
        Assert.Null(FileNr.Parse("308\t0\t9223372036854775807\n"u8).Value.Maximum);
}
