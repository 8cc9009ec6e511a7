using System.Buffers;

namespace Bindwise.Model.Targets.Errors;

/// <param name="Name">The kernel's name, as <c>EADDRINUSE</c>.</param>
/// <param name="System">The system that words or numbers it so; null for Linux, and for what several do.</param>
internal readonly record struct ErrnoMention(string Name, int Start, int End, HostSystem? System = null);

/// <summary>
/// The words and numbers by which texts name the errno of a bind. Sentences are translated (strerror(3) by locale, Windows by its
/// language), names and numbers are not: these are looked for as well.
/// </summary>
internal static class ErrnoWords
{
    /// <summary>In place of a name: the text tells why the bind failed, in words that are not known.</summary>
    public const string Unknown = "unknown";

    private const int MaxOfOtherCalls = 8;

    private static readonly string[] SocketWords = ["bind", "listen", "port", "sock", "address"];

    /// <summary>Before what the call answered.</summary>
    private static readonly string[] GosCalls = [": bind: ", ": socket: "];

    private const string InUse = "EADDRINUSE";
    private const string NotAvailable = "EADDRNOTAVAIL";
    private const string Access = "EACCES";

    private const string NoFamily = "EAFNOSUPPORT";
    private const string NotPermitted = "EPERM";

    private static readonly (string Words, string Name)[] Sentences =
    [
        (InUse, InUse),
        (NotAvailable, NotAvailable),
        (Access, Access),
        (NoFamily, NoFamily),
        (NotPermitted, NotPermitted),
        ("address already in use", InUse),
        ("address is already in use", InUse),                          // Qt
        ("address in use", InUse),                                     // musl
        ("port is already allocated", InUse),                          // Docker
        ("already in use", InUse),                                     // Spring Boot, Vite and others, who name the port alone
        (" is in use", InUse),                                         // kubeadm
        ("addrinuse", InUse),                                          // Rust's ErrorKind, Deno
        ("addressalreadyinuse", InUse),                                // .NET's SocketError
        ("addressinuse", InUse),                                       // ASP.NET Core's AddressInUseException
        ("already listening on a port", InUse),                        // supervisord, which names none
        ("cannot assign requested address", NotAvailable),
        ("address not available", NotAvailable),                       // musl, libuv
        ("permission denied", Access),
        ("operation not permitted", NotPermitted),
        ("address family not supported", NoFamily),
    ];

    /// <summary>Any call may say these: they count where the line is known to tell of a bind.</summary>
    private static readonly (string Words, string Name)[] SentencesOfAddresses =
        [("EINVAL", "EINVAL"), ("invalid argument", "EINVAL"), ("ENODEV", "ENODEV"), ("no such device", "ENODEV")];

    private static readonly (string Words, string Name, HostSystem System)[] SentencesOfOthers =
    [
        // Go and others print Windows' own sentences without the number: 10048, 10013, 10049.
        ("only one usage of each socket address", InUse, HostSystem.Windows),
        ("normalerweise darf jede socketadresse", InUse, HostSystem.Windows),
        ("une seule utilisation de chaque adresse de socket", InUse, HostSystem.Windows),
        ("solo se permite un uso de cada dirección de socket", InUse, HostSystem.Windows),
        ("un solo utilizzo di ogni indirizzo di socket", InUse, HostSystem.Windows),
        ("apenas uma utilização de cada endereço de soquete", InUse, HostSystem.Windows),
        ("только одно использование адреса сокета", InUse, HostSystem.Windows),
        ("tylko jedno użycie każdego adresu gniazda", InUse, HostSystem.Windows),
        ("各ソケット アドレスに対して", InUse, HostSystem.Windows),
        ("각 소켓 주소", InUse, HostSystem.Windows),
        ("通常每个套接字地址", InUse, HostSystem.Windows),
        ("forbidden by its access permissions", Access, HostSystem.Windows),
        ("aufgrund der zugriffsrechte des sockets unzulässig", Access, HostSystem.Windows),
        ("un socket de manière interdite par ses autorisations", Access, HostSystem.Windows),
        ("un socket no permitido por sus permisos de acceso", Access, HostSystem.Windows),
        ("modalità non consentite dalle rispettive autorizzazioni", Access, HostSystem.Windows),
        ("maneira que é proibida pelas permissões de acesso", Access, HostSystem.Windows),
        ("доступа к сокету методом, запрещенным", Access, HostSystem.Windows),
        ("do gniazda w sposób zabroniony przez", Access, HostSystem.Windows),
        ("禁じられた方法でソケットにアクセスしようとしました", Access, HostSystem.Windows),
        ("숨겨진 소켓에 액세스를 시도", Access, HostSystem.Windows),
        ("访问权限不允许的方式做了一个访问套接字的尝试", Access, HostSystem.Windows),
        ("requested address is not valid in its context", NotAvailable, HostSystem.Windows),
        ("angeforderte adresse ist in diesem kontext ungültig", NotAvailable, HostSystem.Windows),
        ("adresse demandée n'est pas valide dans son contexte", NotAvailable, HostSystem.Windows),
        ("dirección solicitada no es válida en este contexto", NotAvailable, HostSystem.Windows),
        ("indirizzo richiesto non è valido nel", NotAvailable, HostSystem.Windows),
        ("endereço solicitado não é válido no", NotAvailable, HostSystem.Windows),
        ("требуемый адрес для своего контекста неверен", NotAvailable, HostSystem.Windows),
        ("adres jest nieprawidłowy w tym kontekście", NotAvailable, HostSystem.Windows),
        ("要求したアドレスのコンテキストが無効です", NotAvailable, HostSystem.Windows),
        ("주소는 해당 컨텍스트에서 유효하지 않습니다", NotAvailable, HostSystem.Windows),
        ("其上下文中，该请求的地址无效", NotAvailable, HostSystem.Windows),
        ("can't assign requested address", NotAvailable, HostSystem.MacOS),
    ];

    /// <summary>What number follows need not be an errno after the last two: an exit code may be 48 too.</summary>
    private static readonly string[] NumberLeads = ["errno", "os error", "socketexception (", "winerror", "[system:", "code:",
        "error code"];

    private static readonly Dictionary<int, (string Name, HostSystem? System)> Numbers = new()
    {
        [98] = (InUse, null),
        [99] = (NotAvailable, null),
        [13] = (Access, null),
        [97] = (NoFamily, null),
        [48] = (InUse, HostSystem.MacOS),
        [49] = (NotAvailable, HostSystem.MacOS),
        [47] = (NoFamily, HostSystem.MacOS),
        [10048] = (InUse, HostSystem.Windows),
        [10049] = (NotAvailable, HostSystem.Windows),
        [10013] = (Access, HostSystem.Windows),
        [10047] = (NoFamily, HostSystem.Windows),
        // libuv's own, which Node.js prints on Windows.
        [4091] = (InUse, HostSystem.Windows),
        [4092] = (Access, HostSystem.Windows),
        [4090] = (NotAvailable, HostSystem.Windows),
    };

    /// <summary>Bare numbers in brackets, as nginx, Apache and PHP print them: only with these brackets, only these numbers.</summary>
    private static readonly (string Words, int Number)[] BracketedNumbers =
    [
        ("(98:", 98), ("(98)", 98), ("[98]", 98), ("(48: ", 48), ("(48)", 48), ("(10048", 10048), ("[10048]", 10048),
        ("(99:", 99), ("[99]", 99), ("(10049", 10049), ("(97:", 97), ("(13:", 13), ("[13]", 13), ("(10013", 10013),
    ];

    /// <summary>The first errno in a line that may be of a bind; false for none.</summary>
    public static bool TryFind(string line, out ErrnoMention mention)
    {
        mention = default;
        for (var tries = 0; tries < MaxOfOtherCalls && TryFindAny(line[mention.End..], out var next); tries++)
        {
            mention = next with { Start = mention.End + next.Start, End = mention.End + next.End };
            if (!IsOfAnotherCall(line, mention))
                return true;
        }
        return false;
    }

    public static bool SpeaksOfSockets(string words) =>
        Array.Exists(SocketWords, word => words.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// What directly precedes EACCES or EPERM is the path that is refused, and not that of a socket: <c>open /etc/x: permission denied</c>,
    /// <c>open() "/etc/x" failed (13: Permission denied)</c>. Or ssh tries no more ways to log in: <c>Permission denied (publickey)</c>.
    /// </summary>
    private static bool IsOfAnotherCall(string line, ErrnoMention mention)
    {
        if (mention.Name is not (Access or NotPermitted))
            return false;
        var before = line[..mention.Start].TrimEnd([' ', ':', '(', '[', .. "0123456789"]);
        var subject = before[(Math.Max(before.LastIndexOf(';'), before.LastIndexOf(": ", StringComparison.Ordinal)) + 1)..];
        return line.AsSpan(mention.End).StartsWith(" (publickey", StringComparison.Ordinal)
            || (!SpeaksOfSockets(subject)
                && Array.Exists(subject.Split(' ', '"', '\''), static word => word is ['/', ..] or ['.', '/', ..]));
    }

    private static bool TryFindAny(string line, out ErrnoMention mention)
    {
        mention = new("", int.MaxValue, int.MaxValue);
        foreach (var (words, name) in Sentences)
            TakeEarlier(line, words, name, null, ref mention);
        foreach (var (words, name, system) in SentencesOfOthers)
            TakeEarlier(line, words, name, system, ref mention);
        if (ErrnoTranslations.TryFind(line, out var translated) && translated.Start < mention.Start)
            mention = translated with { System = mention.System };
        for (var lead = 0; lead < NumberLeads.Length; lead++)
            TakeNumber(line, NumberLeads[lead], lead < NumberLeads.Length - 2, ref mention);
        // Beside a sentence a number tells the system alone: what follows the errno follows the sentence.
        var sentence = mention.Start == int.MaxValue ? default(ErrnoMention?) : mention;
        foreach (var (words, number) in BracketedNumbers)
            TakeBracketed(line, words, number, ref mention);
        if (sentence is { } named)
            mention = named with { System = mention.System };
        return mention.Start != int.MaxValue;
    }

    public static bool Mentions(string text) => TryFind(text, out _);

    /// <summary>Of a line that tells of a failed bind, the errno of an address or an interface that cannot be; null for another.</summary>
    public static string? OfAddress(string line) => Mentions(line) ? null
        : Array.Find(SentencesOfAddresses, one => line.Contains(one.Words, StringComparison.OrdinalIgnoreCase)).Name;

    /// <summary>Whether a line ends as Go's do, with what bind() answered, in words that are not known.</summary>
    /// <param name="from">After the address.</param>
    public static bool HasUnknown(string line, int from) => Array.Exists(GosCalls, call =>
        line.IndexOf(call, Math.Min(from, line.Length), StringComparison.Ordinal) is >= 0 and var at
            && !Mentions(line[(at + call.Length)..]));

    /// <summary>Whether a number is an errno of bind somewhere.</summary>
    public static bool IsNumber(int number) => Numbers.ContainsKey(number);

    private static void TakeEarlier(string line, string words, string name, HostSystem? system, ref ErrnoMention mention)
    {
        var at = line.IndexOf(words, StringComparison.OrdinalIgnoreCase);
        if (at >= 0)
            Take(new(name, at, at + words.Length, system), ref mention);
    }

    private static void TakeBracketed(string line, string words, int number, ref ErrnoMention mention)
    {
        for (var at = line.IndexOf(words, StringComparison.Ordinal); at >= 0; at = line.IndexOf(words, at + 1, StringComparison.Ordinal))
        {
            if (IsProcessId(line, at, at + words.Length))
                continue;
            Take(new(Numbers[number].Name, at, at + words.Length, Numbers[number].System), ref mention);
            return;
        }
    }

    /// <summary>As logs have it: <c>sshd[13]: </c>, <c>2026-11-29 UTC [13] LOG: </c>, <c>[ALERT] (48) : </c>.</summary>
    private static bool IsProcessId(string line, int start, int end)
    {
        if (line[start] == '[')
            return (start > 0 && char.IsLetterOrDigit(line[start - 1])) || (end < line.Length && line[end] == ' ');
        var closed = line.IndexOf(')', start);
        return closed >= 0 && line.AsSpan(closed + 1).StartsWith(" :");
    }

    /// <summary>The earlier one counts, and the system that either tells.</summary>
    private static void Take(ErrnoMention found, ref ErrnoMention mention)
    {
        var system = mention.System ?? found.System;
        mention = (found.Start < mention.Start ? found : mention) with { System = system };
    }

    private static void TakeNumber(string line, string lead, bool namesSystem, ref ErrnoMention mention)
    {
        var start = line.IndexOf(lead, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return;
        var at = start + lead.Length;
        while (at < line.Length && line[at] is ' ' or ':' or '=' or '-' or '"' or '(' or '\'')
            at++;
        var end = at;
        while (end < line.Length && end - at < 6 && char.IsAsciiDigit(line[end]))
            end++;
        if (int.TryParse(line.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && Numbers.TryGetValue(number, out var known))
            Take(new(known.Name, start, end, namesSystem ? known.System : null), ref mention);
    }
}

/// <summary>The errnos of bind in glibc's translations (strerror(3), po/*.po of glibc 2.36 and before), with plain quotes.</summary>
internal static class ErrnoTranslations
{
    private static readonly string[] InUse =
    [
        "Die Adresse wird bereits verwendet",
        "Adresse déjà utilisée",
        "La dirección ya se está usando",
        "Indirizzo già in uso",
        "Endereço já em uso",
        "Adres is al in gebruik",
        "Adres jest już w użyciu",
        "Адрес уже используется",
        "Адресу вже використано",
        "Adresa je užívána",
        "Adresa je používaná",
        "Adressen redan upptagen",
        "Adressen er allerede i brug",
        "Adressen er allerede i bruk",
        "Osoite on jo käytössä",
        "A cím már használatban van",
        "Adres zaten kullanımda",
        "Η διεύθυνση υποδοχής είναι ήδη σε χρήση",
        "L'adreça ja és en ús",
        "Адресът вече се използва",
        "Adrese se već koriste",
        "Адреса је већ у употреби",
        "アドレスは既に使用中です",
        "주소가 이미 사용 중입니다",
        "地址已在使用",
        "位址已經有在使用",
        "Alamat telah digunakan",
        "Địa chỉ đang được dùng",
        "位址已在使用中",
        "地址已被使用",
    ];

    private static readonly string[] NotAvailable =
    [
        "Die angeforderte Adresse kann nicht zugewiesen werden",
        "Ne peut attribuer l'adresse demandée",
        "No se puede asignar la dirección solicitada",
        "Impossibile assegnare l'indirizzo richiesto",
        "Impossível atribuir o endereço pedido",
        "Não foi possível acessar o endereço requisitado",
        "Kan verzochte adres niet toewijzen",
        "Nie można przypisać żądanego adresu",
        "Невозможно назначить запрошенный адрес",
        "Не вдалося призначити вказану адресу",
        "Požadovanou adresu nelze přiřadit",
        "Priradenie požadovanej adresy nie je možné",
        "Kan inte tilldela begärd adress",
        "Kan ikke tildele den ønskede adresse",
        "Kan ikke benytte den ønskede adressen",
        "Pyydettyä osoitetta ei voi asettaa",
        "Nem sikerült a kért címet hozzárendelni",
        "İstenen adres bulunamıyor",
        "Δεν είναι δυνατή η εκχώρηση της ζητηθήσας διεύθυνσης",
        "No s'ha pogut assignar l'adreça sol·licitada",
        "Недостъпен адрес на гнездо (socket)",
        "Nije moguće dodijeliti zatraženu adresu",
        "Не могу да доделим захтевану адресу",
        "要求アドレスに割り当てられません",
        "요청한 주소를 배정할 수 없습니다",
        "无法指定被请求的地址",
        "無法指定所需的位址",
        "Tidak dapat menempatkan permintaan alamat",
        "Không thể gán địa chỉ đã yêu cầu",
        "Impossible d'affecter l'adresse demandée",
        "要求されたアドレスを割り当てられません",
        "无法分配请求的地址",
    ];

    private static readonly string[] Access =
    [
        "Keine Berechtigung",
        "Permission non accordée",
        "Permiso denegado",
        "Permesso negato",
        "Permissão recusada",
        "Permissão negada",
        "Toegang geweigerd",
        "Brak dostępu",
        "Отказано в доступе",
        "Відмовлено у доступі",
        "Operace zamítnuta",
        "Prístup odmietnutý",
        "Åtkomst nekas",
        "Adgang nægtet",
        "Ikke tilgang",
        "Lupa evätty",
        "Engedély megtagadva",
        "Erişim engellendi",
        "Άρνηση πρόσβασης",
        "S'ha denegat el permís",
        "Отказан достъп",
        "Pristup je odbijen",
        "Овлашћење је одбијено",
        "許可がありません",
        "허가 거부",
        "权限不够",
        "拒絕不符權限的操作",
        "Ijin ditolak",
        "Không đủ quyền truy cập",
    ];

    private static readonly SearchValues<string> Any =
        SearchValues.Create([.. InUse, .. NotAvailable, .. Access], StringComparison.OrdinalIgnoreCase);

    /// <summary>The first translated sentence in a line; false for none.</summary>
    public static bool TryFind(string line, out ErrnoMention mention)
    {
        mention = default;
        // All of them have a blank or a letter that is not ASCII, and to make the search ready takes longer than to answer for a port.
        if (!line.Contains(' ', StringComparison.Ordinal) && Ascii.IsValid(line))
            return false;
        var start = line.AsSpan().IndexOfAny(Any);
        if (start < 0)
            return false;
        mention = Match(line, start, InUse, "EADDRINUSE") ?? Match(line, start, NotAvailable, "EADDRNOTAVAIL")
            ?? Match(line, start, Access, "EACCES") ?? default;
        return mention.Name is not null;
    }

    private static ErrnoMention? Match(string line, int start, string[] sentences, string name) =>
        Array.Find(sentences, one => line.AsSpan(start).StartsWith(one, StringComparison.OrdinalIgnoreCase)) is { } sentence
            ? new(name, start, start + sentence.Length) : null;
}
