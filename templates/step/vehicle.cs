<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">请拿出行驶证，照着填写。</p>
<?cs if:Vin.suggestion ?>
<div class="note warn">
<p>车架号不含字母 I、O、Q。您是不是想输入：<br><strong class="mono"><?cs var:Vin.suggestion ?></strong></p>
<form method="post" action="<?cs var:Page.action ?>" novalidate>
<?cs call:csrf() ?>
<input type="hidden" name="vin" value="<?cs var:Vin.suggestion ?>">
<input type="hidden" name="proof" value="<?cs var:Field.proof.value ?>">
<button class="btn second" type="submit">是的，用这个车架号</button>
</form>
</div>
<?cs /if ?>
<?cs if:Vin.check_hint ?>
<p class="note warn" role="status">这个车架号的校验位不符，请对照行驶证再核对一遍。核对无误请点“下一步”。</p>
<?cs /if ?>
<div class="card">
<?cs call:form_open() ?>
<?cs call:code_field("vin", Field.vin, "车架号", "共 17 位，在行驶证“车辆识别代号”一栏", "24", "next") ?>
<?cs call:code_field("proof", Field.proof, "发动机号后 6 位", "在行驶证“发动机号码”一栏；纯电动车填电动机号的后 6 位", "8", "done") ?>
<?cs call:submit("下一步") ?>
</form>
</div>
<details class="more">
<summary>车架号在哪里找</summary>
<div class="finds">
<figure>
<svg viewBox="0 0 240 130" role="img" aria-label="从车外看前挡风玻璃，车架号在驾驶座一侧的下角"><rect width="240" height="130" rx="10" fill="#eaf3ee"/><path d="M38 96 68 30q3-7 11-7h82q8 0 11 7l30 66z" fill="#cfe4da" stroke="#2c5e46" stroke-width="3" stroke-linejoin="round"/><path d="M22 106q0-10 14-10h168q14 0 14 10v14H22z" fill="#fff" stroke="#2c5e46" stroke-width="3"/><path d="m92 34-22 48M112 34 98 62" stroke="#fff" stroke-width="5" stroke-linecap="round"/><rect x="148" y="80" width="44" height="11" rx="2" fill="#fff" stroke="#b50000" stroke-width="3"/><path d="M153 85.500h34" stroke="#17231d" stroke-width="2.500" stroke-dasharray="3 1.500"/></svg>
<figcaption>前挡风玻璃：站在车外看，驾驶座一侧的下角</figcaption>
</figure>
<figure>
<svg viewBox="0 0 240 130" role="img" aria-label="行驶证，车架号在车辆识别代号一栏，下面一栏是发动机号码"><rect width="240" height="130" rx="10" fill="#eaf3ee"/><rect x="22" y="12" width="196" height="106" rx="6" fill="#fff" stroke="#2c5e46" stroke-width="3"/><text x="120" y="30" text-anchor="middle" font-size="11" fill="#17231d">中华人民共和国机动车行驶证</text><path d="M34 42h60M110 42h96M34 56h150" stroke="#b9c9c0" stroke-width="4"/><rect x="36" y="84" width="50" height="26" fill="none" stroke="#b50000" stroke-opacity=".4" stroke-width="2"/><text x="96" y="80" font-size="9" fill="#17231d">车辆识别代号</text><rect x="155" y="70" width="56" height="14" rx="2" fill="none" stroke="#b50000" stroke-width="2.500"/><path d="M159 77h48" stroke="#17231d" stroke-width="3" stroke-dasharray="3 1.500"/><text x="96" y="102" font-size="9" fill="#17231d">发动机号码</text><path d="M155 99h40" stroke="#17231d" stroke-width="3" stroke-dasharray="3 1.500"/></svg>
<figcaption>行驶证：“车辆识别代号”一栏，发动机号在它下面</figcaption>
</figure>
<figure>
<svg viewBox="0 0 240 130" role="img" aria-label="合格证或货物进口证明书，车架号在车辆识别代号一行"><rect width="240" height="130" rx="10" fill="#eaf3ee"/><path d="M62 8h116v116H62z" fill="#fff" stroke="#2c5e46" stroke-width="3"/><text x="120" y="28" text-anchor="middle" font-size="11" fill="#17231d">车辆合格证</text><path d="M72 40h96M72 52h70M72 96h96M72 108h60" stroke="#b9c9c0" stroke-width="4"/><text x="72" y="73" font-size="9" fill="#17231d">车架号</text><rect x="104" y="62" width="66" height="16" rx="2" fill="none" stroke="#b50000" stroke-width="2.500"/><path d="M109 70h56" stroke="#17231d" stroke-width="3" stroke-dasharray="3 1.500"/></svg>
<figcaption>合格证；进口车看货物进口证明书</figcaption>
</figure>
</div>
</details>
<?cs include!"_foot.cs" ?>
