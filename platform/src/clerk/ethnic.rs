//! Names of the ethnic codes on a card (GB/T 3304). The kiosk has the same table for its own pages; the two share no code.

const NAMES: [&str; 56] = [
    "汉",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
];

/// The name of a two-digit code; `None` when the standard has no such code.
pub(super) fn name(code: &str) -> Option<&'static str> {
    if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match code.parse::<usize>().ok()? {
        97 => Some("其他"),
        98 => Some("外国血统中国籍人士"),
        number => NAMES.get(number.checked_sub(1)?).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn codes_have_their_names() {
        for (code, expected) in
            [("01", "汉"), ("11", "满"), ("29", "柯尔克孜"), ("44", "俄罗斯"), ("56", "基诺"), ("97", "其他")]
        {
            assert_eq!(name(code), Some(expected), "{code}");
        }
        for code in ["00", "57", "99", "1", "+1", "汉", ""] {
            assert_eq!(name(code), None, "{code}");
        }
    }
}
