using System.Buffers;

namespace Bindwise.Model.Targets.Errors;

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

    private static readonly SearchValues<string> Any = SearchValues.Create([.. InUse, .. NotAvailable, .. Access], StringComparison.OrdinalIgnoreCase);

    /// <summary>The first translated sentence in a line; false for none.</summary>
    public static bool TryFind(string line, out ErrnoMention mention)
    {
        mention = default;
        var start = line.AsSpan().IndexOfAny(Any);
        if (start < 0)
            return false;
        mention = Match(line, start, InUse, "EADDRINUSE") ?? Match(line, start, NotAvailable, "EADDRNOTAVAIL") ?? Match(line, start, Access, "EACCES") ?? default;
        return mention.Name is not null;
    }

    private static ErrnoMention? Match(string line, int start, string[] sentences, string name)
    {
        foreach (var sentence in sentences)
        {
            if (line.AsSpan(start).StartsWith(sentence, StringComparison.OrdinalIgnoreCase))
                return new(name, start, start + sentence.Length);
        }
        return null;
    }
}
