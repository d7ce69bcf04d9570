-- The tables of WordPress 6 and WooCommerce 9 that the example reads or writes, as their installers make them for the
-- prefix wp_: high-performance order storage is on, compatibility mode is off. Names, types, defaults and keys are
-- theirs.

create table wp_posts (
  ID bigint(20) unsigned not null auto_increment,
  post_author bigint(20) unsigned not null default 0,
  post_date datetime not null default '0000-00-00 00:00:00',
  post_date_gmt datetime not null default '0000-00-00 00:00:00',
  post_content longtext not null,
  post_title text not null,
  post_excerpt text not null,
  post_status varchar(20) not null default 'publish',
  comment_status varchar(20) not null default 'open',
  ping_status varchar(20) not null default 'open',
  post_password varchar(255) not null default '',
  post_name varchar(200) not null default '',
  to_ping text not null,
  pinged text not null,
  post_modified datetime not null default '0000-00-00 00:00:00',
  post_modified_gmt datetime not null default '0000-00-00 00:00:00',
  post_content_filtered longtext not null,
  post_parent bigint(20) unsigned not null default 0,
  guid varchar(255) not null default '',
  menu_order int(11) not null default 0,
  post_type varchar(20) not null default 'post',
  post_mime_type varchar(100) not null default '',
  comment_count bigint(20) not null default 0,
  primary key (ID),
  key post_name (post_name(191)),
  key type_status_date (post_type, post_status, post_date, ID),
  key post_parent (post_parent),
  key post_author (post_author)
);

create table wp_postmeta (
  meta_id bigint(20) unsigned not null auto_increment,
  post_id bigint(20) unsigned not null default 0,
  meta_key varchar(255) default null,
  meta_value longtext,
  primary key (meta_id),
  key post_id (post_id),
  key meta_key (meta_key(191))
);

create table wp_comments (
  comment_ID bigint(20) unsigned not null auto_increment,
  comment_post_ID bigint(20) unsigned not null default 0,
  comment_author tinytext not null,
  comment_author_email varchar(100) not null default '',
  comment_author_url varchar(200) not null default '',
  comment_author_IP varchar(100) not null default '',
  comment_date datetime not null default '0000-00-00 00:00:00',
  comment_date_gmt datetime not null default '0000-00-00 00:00:00',
  comment_content text not null,
  comment_karma int(11) not null default 0,
  comment_approved varchar(20) not null default '1',
  comment_agent varchar(255) not null default '',
  comment_type varchar(20) not null default 'comment',
  comment_parent bigint(20) unsigned not null default 0,
  user_id bigint(20) unsigned not null default 0,
  primary key (comment_ID),
  key comment_post_ID (comment_post_ID),
  key comment_approved_date_gmt (comment_approved, comment_date_gmt),
  key comment_date_gmt (comment_date_gmt),
  key comment_parent (comment_parent),
  key comment_author_email (comment_author_email(10)),
  key woo_idx_comment_type (comment_type)
);

create table wp_wc_orders (
  id bigint(20) unsigned not null,
  status varchar(20) null,
  currency varchar(10) null,
  type varchar(20) null,
  tax_amount decimal(26,8) null,
  total_amount decimal(26,8) null,
  customer_id bigint(20) unsigned null,
  billing_email varchar(320) null,
  date_created_gmt datetime null,
  date_updated_gmt datetime null,
  parent_order_id bigint(20) unsigned null,
  payment_method varchar(100) null,
  payment_method_title text null,
  transaction_id varchar(100) null,
  ip_address varchar(100) null,
  user_agent text null,
  customer_note text null,
  primary key (id),
  key status (status),
  key date_created (date_created_gmt),
  key customer_id_billing_email (customer_id, billing_email(171)),
  key billing_email (billing_email(191)),
  key type_status_date (type, status, date_created_gmt),
  key parent_order_id (parent_order_id),
  key date_updated (date_updated_gmt)
);

create table wp_wc_order_addresses (
  id bigint(20) unsigned not null auto_increment,
  order_id bigint(20) unsigned not null,
  address_type varchar(20) null,
  first_name text null,
  last_name text null,
  company text null,
  address_1 text null,
  address_2 text null,
  city text null,
  state text null,
  postcode text null,
  country text null,
  email varchar(320) null,
  phone varchar(100) null,
  primary key (id),
  key order_id (order_id),
  unique key address_type_order_id (address_type, order_id),
  key email (email(191)),
  key phone (phone)
);

create table wp_wc_order_operational_data (
  id bigint(20) unsigned not null auto_increment,
  order_id bigint(20) unsigned null,
  created_via varchar(100) null,
  woocommerce_version varchar(20) null,
  prices_include_tax tinyint(1) null,
  coupon_usages_are_counted tinyint(1) null,
  download_permission_granted tinyint(1) null,
  cart_hash varchar(100) null,
  new_order_email_sent tinyint(1) null,
  order_key varchar(100) null,
  order_stock_reduced tinyint(1) null,
  date_paid_gmt datetime null,
  date_completed_gmt datetime null,
  shipping_tax_amount decimal(26,8) null,
  shipping_total_amount decimal(26,8) null,
  discount_tax_amount decimal(26,8) null,
  discount_total_amount decimal(26,8) null,
  recorded_sales tinyint(1) null,
  primary key (id),
  unique key order_id (order_id),
  key order_key (order_key)
);

create table wp_wc_orders_meta (
  id bigint(20) unsigned not null auto_increment,
  order_id bigint(20) unsigned null,
  meta_key varchar(255) null,
  meta_value text null,
  primary key (id),
  key meta_key_value (meta_key(100), meta_value(82)),
  key order_id_meta_key_meta_value (order_id, meta_key(100), meta_value(82))
);

create table wp_woocommerce_order_items (
  order_item_id bigint(20) unsigned not null auto_increment,
  order_item_name text not null,
  order_item_type varchar(200) not null default '',
  order_id bigint(20) unsigned not null,
  primary key (order_item_id),
  key order_id (order_id)
);

create table wp_woocommerce_order_itemmeta (
  meta_id bigint(20) unsigned not null auto_increment,
  order_item_id bigint(20) unsigned not null,
  meta_key varchar(255) default null,
  meta_value longtext null,
  primary key (meta_id),
  key order_item_id (order_item_id),
  key meta_key (meta_key(32))
);

create table wp_wc_product_meta_lookup (
  product_id bigint(20) not null,
  sku varchar(100) null default '',
  global_unique_id varchar(100) null default '',
  `virtual` tinyint(1) null default 0,
  downloadable tinyint(1) null default 0,
  min_price decimal(19,4) null default null,
  max_price decimal(19,4) null default null,
  onsale tinyint(1) null default 0,
  stock_quantity double null default null,
  stock_status varchar(100) null default 'instock',
  rating_count bigint(20) null default 0,
  average_rating decimal(3,2) null default 0.00,
  total_sales bigint(20) null default 0,
  tax_status varchar(100) null default 'taxable',
  tax_class varchar(100) null default '',
  primary key (product_id),
  key `virtual` (`virtual`),
  key downloadable (downloadable),
  key stock_status (stock_status),
  key stock_quantity (stock_quantity),
  key onsale (onsale),
  key min_max_price (min_price, max_price),
  key sku (sku(50))
);
