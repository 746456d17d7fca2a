using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace OpenClaw.Exporter.Web;

/// <summary>What an attempt to name a user and a password came to.</summary>
enum PasswordCheck
{
    /// <summary>It is the user's.</summary>
    Right,

    /// <summary>It is not, or there is no such user.</summary>
    Wrong,

    /// <summary>Too many attempts wait to be looked at.</summary>
    Busy,
}

/// <summary>
/// Compares passwords with their bcrypt hashes. That costs tens of milliseconds of CPU by design: one at a time, few
/// may wait, still fewer from one address, and one that was right is remembered. Whatever is wrong costs as much as the
/// most expensive hash, so that the time does not tell who exists.
/// </summary>
sealed class Passwords : IDisposable
{
    /// <summary>bcrypt ignores what is behind 72 bytes, so that many passwords can be right.</summary>
    const int RememberedAtMost = 100;

    const int WaitingAtMost = 32;

    /// <summary>
    /// Beyond its first, an address may have this part of the free places: who guesses leaves room for others, whose
    /// turn comes soon.
    /// </summary>
    const int Share = 8;

    /// <summary>Drawn when it is needed: without users the exporter runs without OpenSSL.</summary>
    readonly Lazy<byte[]> _secret = new(static () => RandomNumberGenerator.GetBytes(32));
    readonly HashSet<string> _remembered = [];
    readonly SemaphoreSlim _turn = new(1);
    readonly Dictionary<IPAddress, int> _waiting = [];

    /// <summary>Looks at one attempt.</summary>
    /// <param name="users">Names and bcrypt hashes; at least one.</param>
    /// <param name="user">The name that was given.</param>
    /// <param name="password">The password that was given.</param>
    /// <param name="address">Who gave them.</param>
    /// <param name="cancellation">Given up when the client goes away before its turn.</param>
    public async Task<PasswordCheck> CheckAsync(
        ImmutableDictionary<string, string> users,
        string user,
        string password,
        IPAddress address,
        CancellationToken cancellation
    )
    {
        var hash = users.GetValueOrDefault(user);
        var name = hash is null ? "" : Name(hash, password);
        if (IsRemembered(name))
            return PasswordCheck.Right;

        address = Subscriber(address);
        if (!TryQueue(address))
            return PasswordCheck.Busy;
        try
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                var costs = users.Values.Select(CostOf);
                if (!await Task.Run(() => IsRight(hash, password, costs.Max()), CancellationToken.None))
                    return PasswordCheck.Wrong;
                Remember(name);
                return PasswordCheck.Right;
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Leave(address);
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>
    /// Each step of the cost doubles the work: the password's own, and once each step from there to the highest, are
    /// together the highest's.
    /// </summary>
    static bool IsRight(string? hash, string password, int highestCost)
    {
        if (hash is not null && BCrypt.Net.BCrypt.Verify(password, hash))
            return true;
        if (hash is null)
            BCrypt.Net.BCrypt.HashPassword(password, highestCost);
        for (var cost = hash is null ? highestCost : CostOf(hash); cost < highestCost; cost++)
            BCrypt.Net.BCrypt.HashPassword(password, cost);
        return false;
    }

    /// <summary>What a hash begins with: $2y$10$…</summary>
    static int CostOf(string hash) => int.Parse(hash.Split('$')[2], CultureInfo.InvariantCulture);

    /// <summary>Of IPv6 the first 64 bits, for who has one address there has all that begin so.</summary>
    static IPAddress Subscriber(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Math.Min(8, bytes.Length)).Clear();
        return new(bytes);
    }

    bool TryQueue(IPAddress address)
    {
        lock (_waiting)
        {
            var own = _waiting.GetValueOrDefault(address);
            var free = WaitingAtMost - _waiting.Values.Sum();
            if (free == 0 || (own > 0 && own >= free / Share))
                return false;
            _waiting[address] = own + 1;
            return true;
        }
    }

    void Leave(IPAddress address)
    {
        lock (_waiting)
        {
            if (--_waiting[address] == 0)
                _waiting.Remove(address);
        }
    }

    /// <summary>What a right password is remembered by; neither it nor something to try passwords on.</summary>
    string Name(string hash, string password) =>
        Convert.ToHexString(HMACSHA256.HashData(_secret.Value, Encoding.UTF8.GetBytes($"{hash}\0{password}")));

    bool IsRemembered(string name)
    {
        lock (_remembered)
            return _remembered.Contains(name);
    }

    void Remember(string name)
    {
        lock (_remembered)
        {
            if (_remembered.Count >= RememberedAtMost)
                _remembered.Clear();
            _remembered.Add(name);
        }
    }
}
